package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final int VOCABULARY = 100;

  private static GenerateOptions options(float temperature, float topP, float minP) {
    return new GenerateOptions(
        1, temperature, topP, 0, minP, 1f, 0f, 0f, Map.of(), List.of(), 5, -1, false, false);
  }

  private static int draw(GenerateOptions options, float[] logits) {
    return new Sampler(options, 5, VOCABULARY, new int[0]).draw(logits, 0);
  }

  @Test
  void weightsThatGiveNoNumbersAreToldHoweverTokensAreDrawn() {
    float[] nothing = new float[VOCABULARY];
    Arrays.fill(nothing, Float.NaN);
    for (GenerateOptions options :
        List.of(options(0, 1, 0), options(1, 1, 0), options(0.5f, 0.9f, 0), options(1, 1, 0.1f))) {
      assertThatThrownBy(() -> draw(options, nothing))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("NaN")
          .hasMessageContaining("weights are damaged");
    }
  }

  @Test
  void aSingleLogitThatIsNoNumberIsToldHoweverTokensAreDrawn() {
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] logits = new float[VOCABULARY];
      logits[3] = 1;
      logits[VOCABULARY - 2] = wrong;
      for (GenerateOptions options : List.of(options(0, 1, 0), options(0.5f, 0.9f, 0))) {
        assertThatThrownBy(() -> draw(options, logits)).hasMessageContaining("damaged");
      }
    }
  }

  @Test
  void aTokenOfOverwhelmingLogitIsDrawnHoweverTokensAreDrawn() {
    float[] logits = new float[VOCABULARY];
    logits[42] = 1000;
    for (GenerateOptions options :
        List.of(options(0, 1, 0), options(1, 1, 0), options(0.5f, 0.9f, 0), options(1, 1, 0.1f))) {
      assertThat(draw(options, logits)).isEqualTo(42);
    }
  }
}
