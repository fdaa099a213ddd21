package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.WideKernels.Choice;
import io.otium.lm.engine.WideKernels.Kind;
import io.otium.lm.engine.kernel.Precision;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WideKernelsTest {
  @ParameterizedTest
  @CsvSource({
    "FP32, FP32, 60, 1e-5",
    "BF16, BF16, 60, 0.02",
    "INT8, INT8_TILES, 60, 0.05",
    "INT8, INT8_TILES, 600, 0.05",
    "INT8, INT8_TILES, 3, 0.05",
    "INT4, INT8_TILES, 60, 0.05",
    "INT8, INT8, 60, 0.05",
    "INT8, INT8_DNN, 60, 0.05",
    "INT8, BF16, 60, 0.02",
    "INT4, INT8, 60, 0.05",
    "FP32, FP32, 7, 1e-5",
    "INT8, INT8, 7, 0.05",
    "INT4, INT8, 2, 0.05"
  })
  void wideProductsGiveTheLogitsOfPlainOnes(
      Precision precision, Kind kind, int rows, double tolerance) throws Exception {
    assertThat(WideKernels.areAvailable()).as("libtorch loads on this machine").isTrue();
    try (var model = new TransformerTest.Loaded("llama", precision, false, 2)) {
      int[] tokens = TransformerTest.tokens(rows, model.config.vocabulary(), 3);
      float[] narrow = logits(model, tokens);
      try (var kernels = WideKernels.make(model.weights, new Choice(kind, 2), 2)) {
        float[] wide = logits(model, tokens);
        double noise = 0;
        double signal = 0;
        for (int i = 0; i < narrow.length; i++) {
          noise += (wide[i] - narrow[i]) * (double) (wide[i] - narrow[i]);
          signal += narrow[i] * (double) narrow[i];
        }
        assertThat(Math.sqrt(noise / signal)).isLessThan(tolerance);
        if (kind != Kind.FP32) assertThat(wide).isNotEqualTo(narrow);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, FP32",
    "BF16, BF16 FP32",
    "INT8, INT8_TILES INT8 INT8_DNN BF16",
    "INT4, INT8_TILES INT8 INT8_DNN BF16"
  })
  void theKindThatIsChosenRoundsNoMoreThanTheWeights(Precision precision, String allowed)
      throws Exception {
    try (var model = new TransformerTest.Loaded("llama", precision, false, 2)) {
      List<Kind> kinds = Arrays.stream(allowed.split(" ")).map(Kind::valueOf).toList();
      assertThat(WideKernels.choose(model.weights).kind()).isIn(kinds);
    }
  }

  private static float[] logits(TransformerTest.Loaded model, int[] tokens) {
    boolean[] wanted = new boolean[tokens.length];
    Arrays.fill(wanted, true);
    SequenceCache cache = model.cache();
    model.transformer.run(
        new Batch(List.of(new Batch.Part(cache, SequenceHook.NONE, tokens, 0, wanted))));
    cache.release();
    return Arrays.copyOf(
        model.transformer.logits(), tokens.length * model.transformer.logitStride());
  }
}
