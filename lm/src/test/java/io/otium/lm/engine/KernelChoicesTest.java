package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.kernel.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelChoicesTest {
  @TempDir Path folder;
  private TransformerTest.Loaded model;

  @BeforeEach
  void load() throws Exception {
    model = new TransformerTest.Loaded("llama", Precision.FP32, false, 2);
  }

  @AfterEach
  void close() throws Exception {
    model.close();
  }

  private KernelChoices.Kept choose(int threads) {
    return new KernelChoices(folder, () -> false).choose(model.weights, threads);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void whatWasMeasuredIsReadAtTheNextStart() throws IOException {
    KernelChoices.Kept first = choose(2);
    Path file = files().getFirst();
    // Told apart from a measurement by what no measurement gives.
    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"fromRows\":" + first.fromRows(), "\"fromRows\":777")
            .replace(first.measured(), "2001-02-03T04:05:06Z"));
    KernelChoices.Kept kept = choose(2);
    assertThat(kept.fromRows()).isEqualTo(777);
    assertThat(kept.choice().kind()).isEqualTo(first.kind());
    assertThat(kept.kernel().milliseconds()).containsOnlyKeys("fp32");
    assertThat(kept.kernel().measured()).hasToString("2001-02-03T04:05:06Z");
  }

  @Test
  void anotherNumberOfThreadsIsAnotherChoice() throws IOException {
    assertThat(choose(2).depends()).contains("2 threads").contains("libtorch 2.");
    assertThat(choose(1).depends()).contains("1 threads");
    assertThat(files()).hasSize(2);
  }

  @Test
  void aFileThatIsNoChoiceIsMeasuredAgain() throws IOException {
    KernelChoices.Kept first = choose(2);
    Path file = files().getFirst();
    for (String broken : List.of("{", "{\"depends\":\"x\",\"kind\":\"FP32\",\"fromRows\":-1}")) {
      Files.writeString(file, broken);
      assertThat(choose(2).depends()).as(broken).isEqualTo(first.depends());
      assertThat(Files.readString(file)).as(broken).contains("\"kind\":\"FP32\"");
    }
  }

  @Test
  void whatIsMeasuredOnABusyMachineIsNotKept() throws IOException {
    new KernelChoices(folder, () -> true).choose(model.weights, 2);
    assertThat(files()).isEmpty();
  }

  @Test
  void whatIsForgottenIsMeasuredAgain() throws IOException {
    choose(2);
    new KernelChoices(folder).forget();
    assertThat(files()).isEmpty();
    new KernelChoices(folder.resolve("none")).forget();
    assertThat(new KernelChoices(null).choose(model.weights, 2).fromRows()).isGreaterThan(1);
  }
}
