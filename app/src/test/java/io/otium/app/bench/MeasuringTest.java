package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import io.otium.app.bench.StreamLoad.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arithmetic, files and processes that figures come from. */
final class MeasuringTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void streamsCountWhileAllOfThemRun() {
    // From 2 s, when the second begins, to 4 s, when the first ends: 2 + 4 tokens after 2 s.
    var early = new Answer(List.of(SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND), 4);
    var late =
        new Answer(
            List.of(2 * SECOND, 5 * SECOND / 2, 3 * SECOND, 7 * SECOND / 2, 4 * SECOND, 9 * SECOND),
            6);
    assertThat(StreamLoad.together(List.of(early, late))).isCloseTo(3.0, within(1e-9));
  }

  @Test
  void aPieceOfSeveralTokensCountsAsMany() {
    var answer = new Answer(List.of(SECOND, 2 * SECOND, 3 * SECOND), 6);
    assertThat(StreamLoad.together(List.of(answer))).isCloseTo(2.0, within(1e-9));
  }

  @Test
  void streamsThatFollowEachOtherAreRefused() {
    var first = new Answer(List.of(1L, 2L), 2);
    var second = new Answer(List.of(3L, 4L), 2);
    assertThatThrownBy(() -> StreamLoad.together(List.of(first, second)))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("same time");
  }

  @Test
  void memoryIsReadAsTheKernelWritesIt() {
    String status = "Name:\tjava\nVmHWM:\t  409600 kB\nVmRSS:\t  204800 kB\n";
    String rollup =
        """
        56-7f ---p 00000000 00:00 0 [rollup]
        Rss: 204800 kB
        Pss: 153600 kB
        Pss_Anon: 1 kB
        Anonymous: 102400 kB
        """;
    assertThat(ResidentMemory.read(status, rollup))
        .containsExactly(
            entry("memory resident", 200.0),
            entry("memory proportional", 150.0),
            entry("memory anonymous", 100.0));
  }

  @Test
  void aFailedProgramIsNamedWithItsLastLine() {
    var command =
        new Command(List.of("sh", "-c", "echo first >&2; echo last >&2; exit 3"), Map.of());
    assertThatThrownBy(command::run)
        .isInstanceOf(BenchException.class)
        .hasMessage("sh ended with code 3: last");
    var absent = new Command(List.of("/no/such/program"), Map.of());
    assertThatThrownBy(absent::run).hasMessageContaining("program cannot be started");
  }

  @Test
  void aServerThatEndsIsNamedWithItsLastLine() {
    var command = new Command(List.of("sh", "-c", "echo no model; exit 7"), Map.of());
    assertThatThrownBy(() -> LocalServer.start(command))
        .isInstanceOf(BenchException.class)
        .hasMessage("sh ended with code 7 before it served: no model");
  }

  @Test
  void aBusyMachineIsToldSo() {
    assertThat(Load.warning(0.2, 2)).isEmpty();
    assertThat(Load.warning(1.5, 2)).hasValueSatisfying(s -> assertThat(s).contains("load 1.5"));
  }

  @Test
  void llamaIsBuiltForAllInstructionsButAmx() {
    assertThat(LlamaBuild.instructions(Processor.of("flags\t\t: avx2 avx512f avx512_bf16\n")))
        .containsExactly("-DGGML_NATIVE=ON");
    Processor amx = Processor.of("flags : avx512f avx512vbmi avx512_vnni amx_bf16 amx_tile\n");
    assertThat(LlamaBuild.instructions(amx))
        .contains("-DGGML_NATIVE=OFF", "-DGGML_AVX512=ON", "-DGGML_AVX512_VNNI=ON")
        .contains("-DGGML_AVX512_VBMI=ON")
        .noneMatch(flag -> flag.contains("AMX") || flag.contains("BF16"));
    assertThat(amx.multipliesBf16()).isTrue();
    assertThat(Processor.of("flags : avx2 fma\n").multipliesBf16()).isFalse();
  }

  @Test
  void thePeersFolderIsNamedByOptionVariableOrHome(@TempDir Path home) throws Exception {
    Map<String, String> variable = Map.of("OTIUM_PEERS", "/variable");
    assertThat(PeersFolder.of("/option", variable, home).root()).isEqualTo(Path.of("/option"));
    assertThat(PeersFolder.of("", variable, home).root()).isEqualTo(Path.of("/variable"));
    PeersFolder own = PeersFolder.of("", Map.of(), home);
    assertThat(own.root()).isEqualTo(home.resolve("peers"));
    assertThat(own.llama("llama-bench")).isEmpty();
    Path program = home.resolve("peers/llama/bin/llama-bench");
    Files.createDirectories(program.getParent());
    assertThat(Files.createFile(program).toFile().setExecutable(true)).isTrue();
    assertThat(own.llama("llama-bench")).contains(program);
  }
}
