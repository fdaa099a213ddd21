package io.otium.app.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.app.cli.SmallModels;
import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

final class SpeedTest {
  @Test
  void namesTheKernelsOfAModelAndTheirSpeed() {
    Finding found = Speed.kernels(SpeedTest::tiny);
    assertThat(found.problems()).isEmpty();
    assertThat(found.facts().path("tokensPerSecond").asDouble()).isPositive();
    assertThat(found.facts().at("/singleTokens/kernel").asText()).isEqualTo("java");
    assertThat(found.facts().at("/longPrompts/numbers").asText())
        .isIn("int8", "int8-tiles", "int8-dnn", "bf16", "fp32");
    assertThat(String.join("\n", found.lines()))
        .contains("tiny at int8")
        .containsPattern("writes [\\d.]+ tokens/s: Java's vectors of \\d+ bits")
        .containsPattern("reads \\d+ tokens/s: libtorch in");
  }

  @Test
  void aModelThatDoesNotRunIsAProblemWithAWayToMendIt() {
    Finding found =
        Speed.kernels(
            () -> {
              throw new IllegalStateException("its weights are gone");
            });
    assertThat(found.problems()).singleElement().matches(Finding.Problem::serious);
    assertThat(found.problems().getFirst().what()).contains("its weights are gone");
  }

  private static Model tiny() {
    try {
      return Model.load("tiny", SmallModels.folder("tiny-chat"), LoadOptions.defaults());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
