package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Otium's own side with the tiny committed model. No peer is needed. */
final class OwnSideTest {
  private static final Path TINY =
      Path.of("..", "lm", "src", "test", "resources", "models", "tiny-chat");

  @TempDir Path home;

  private static BenchOptions options(List<Integer> tokens, List<Integer> after) {
    return new BenchOptions(
        tokens, after, 2, List.of("int8"), 1, 1, List.of("none"), "", "", List.of(), true);
  }

  @Test
  void prefillAndDecodeHaveASpeedForEachSize() throws IOException {
    try (Model model = Model.load("tiny", TINY, LoadOptions.defaults())) {
      var own = new OwnSpeed(model);
      assertThat(own.prefill(List.of(16, 64), 1))
          .hasSize(2)
          .allSatisfy(speed -> assertThat(speed.perSecond()).isPositive());
      assertThat(own.decode(8, List.of(16), 1))
          .singleElement()
          .satisfies(speed -> assertThat(speed.perSecond()).isPositive());
    }
  }

  @Test
  void fewerBitsDivergeALittle() throws IOException {
    Path text = Files.writeString(home.resolve("text"), "a word and another. ".repeat(400));
    LoadOptions options = LoadOptions.defaults().withWeights(WeightPrecision.INT8);
    assertThat(OwnFidelity.meanKl(TINY, options, false, 1, text)).isBetween(0.0, 0.5);
    assertThatThrownBy(() -> OwnFidelity.meanKl(TINY, options, false, 1000, text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000 passages of 512 are needed");
  }

  @Test
  void aBenchmarkRunsInAProcessOfItsOwn() throws IOException {
    var benchmark = new Benchmark("decode", options(List.of(4), List.of(8)), new PeersFolder(home));
    BenchReport report = benchmark.run("tiny", TINY, home, "1", any -> {});
    assertThat(report.rows())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.system()).isEqualTo("otium int8");
              assertThat(row.workload()).isEqualTo("decode 4 after 8");
              assertThat(row.value()).isPositive();
            });
  }
}
