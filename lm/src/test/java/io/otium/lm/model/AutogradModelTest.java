package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.format.TensorSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AutogradModelTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama3",
        "llama-linear",
        "mistral",
        "qwen2",
        "qwen2-yarn",
        "qwen3",
        "gpt2",
        "tiny-chat"
      })
  void givesThePlainTwinsLogitsForEachPackedSequence(String name) throws Exception {
    Path folder = TestModels.folder(name);
    ModelConfig config = ModelConfig.fromJson(folder);
    try (TensorSource source = TensorSource.open(folder)) {
      Weights weights = Weights.of(config, source);
      for (int[] lengths : List.of(new int[] {7, 7}, new int[] {5, 1, 9})) {
        List<int[]> sequences = sequences(config.vocabulary(), lengths);
        try (var model = AutogradModel.of(weights, DType.F32);
            var _ = new Scope();
            var _ = new NoGrad()) {
          float[] packed = model.logits(TokenBatch.of(sequences)).toFloats();
          int at = 0;
          for (int[] sequence : sequences) {
            float[] alone = new PlainForward(weights).logits(sequence);
            for (float expected : alone) {
              assertThat(packed[at++]).isCloseTo(expected, within(1e-4f));
            }
          }
          assertThat(at).isEqualTo(packed.length);
        }
      }
    }
  }

  @Test
  void theLossInPiecesHasTheGradientsOfTheWholeLoss() throws Exception {
    try (Loaded loaded = new Loaded("qwen3");
        var _ = new Scope()) {
      AutogradModel model = loaded.model;
      model.requiresGrad(true);
      TokenBatch batch =
          TokenBatch.of(sequences(loaded.config.vocabulary(), new int[] {20, 9, 31}));
      double scale = 1.0 / batch.learned();
      Tensor whole = whole(model, batch);
      whole.mul(scale).backward();
      Map<String, float[]> expected = gradients(model);

      for (boolean recompute : new boolean[] {false, true}) {
        double sum = new ChunkedLoss(model, recompute).backward(batch, scale);
        assertThat(sum).isCloseTo(whole.item(), within(1e-3));
        assertThat(new ChunkedLoss(model, recompute).loss(batch)).isCloseTo(sum, within(1e-3));
        Map<String, float[]> actual = gradients(model);
        expected.forEach(
            (name, gradient) ->
                assertThat(distance(Objects.requireNonNull(actual.get(name)), gradient))
                    .as(name)
                    .isLessThan(1e-4));
      }
    }
  }

  @Test
  void scoresTokensAsThePlainTwinDoes() throws Exception {
    try (Loaded loaded = new Loaded("llama")) {
      int[] tokens = sequences(loaded.config.vocabulary(), new int[] {12}).getFirst();
      float[] logits = new PlainForward(loaded.weights).logits(tokens);
      float[] scores =
          new ChunkedLoss(loaded.model, false).logProbs(TokenBatch.of(List.of(tokens)));
      int v = loaded.config.vocabulary();
      for (int t = 0; t + 1 < tokens.length; t++) {
        double sum = 0;
        for (int i = 0; i < v; i++) sum += Math.exp(logits[t * v + i]);
        double expected = logits[t * v + tokens[t + 1]] - Math.log(sum);
        assertThat((double) scores[t]).isCloseTo(expected, within(1e-4));
      }
      assertThat(scores[tokens.length - 1]).isNaN();
    }
  }

  @Test
  void itsWeightsAreReadByTheEngineFromTheSameMemory() throws Exception {
    try (Loaded loaded = new Loaded("qwen2");
        var _ = new NoGrad()) {
      Weights live = Weights.of(loaded.config, new LiveWeights(loaded.model.parameters()));
      int[] tokens = sequences(loaded.config.vocabulary(), new int[] {6}).getFirst();
      assertThat(new PlainForward(live).logits(tokens))
          .containsExactly(new PlainForward(loaded.weights).logits(tokens));
      Objects.requireNonNull(loaded.model.parameters().get("model.norm.weight")).mulInPlace(2);
      float[] twice = new PlainForward(live).logits(tokens);
      float[] once = new PlainForward(loaded.weights).logits(tokens);
      assertThat(twice[0]).isCloseTo(2 * once[0], within(1e-5f));
    }
  }

  private static Tensor whole(AutogradModel model, TokenBatch batch) {
    Tensor logProbs = model.logits(batch).logSoftmax(-1);
    Tensor sum = Tensor.scalar(0);
    for (int t = 0; t < batch.tokens().length; t++) {
      int target = batch.targets()[t];
      if (target >= 0) sum = sum.sub(logProbs.select(0, t).select(0, target));
    }
    return sum;
  }

  private static Map<String, float[]> gradients(AutogradModel model) {
    Map<String, float[]> gradients = new HashMap<>();
    model
        .parameters()
        .forEach(
            (name, parameter) -> {
              gradients.put(name, parameter.grad().toFloats());
              parameter.zeroGrad();
            });
    return gradients;
  }

  /** Relative to the length of the second. */
  private static double distance(float[] a, float[] b) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < b.length; i++) {
      difference += Math.pow(a[i] - b[i], 2);
      length += Math.pow(b[i], 2);
    }
    return Math.sqrt(difference / Math.max(length, 1e-20));
  }

  static List<int[]> sequences(int vocabulary, int... lengths) {
    var random = new Random(5);
    return Arrays.stream(lengths).mapToObj(n -> random.ints(n, 0, vocabulary).toArray()).toList();
  }

  private static final class Loaded implements AutoCloseable {
    final ModelConfig config;
    final Weights weights;
    final AutogradModel model;
    private final TensorSource source;

    Loaded(String name) throws Exception {
      Path folder = TestModels.folder(name);
      config = ModelConfig.fromJson(folder);
      source = TensorSource.open(folder);
      weights = Weights.of(config, source);
      model = AutogradModel.of(weights, DType.F32);
    }

    @Override
    public void close() {
      model.close();
      source.close();
    }
  }
}
