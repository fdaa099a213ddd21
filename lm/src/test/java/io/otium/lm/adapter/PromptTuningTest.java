package io.otium.lm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.Model;
import io.otium.lm.ModelFiles;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ChunkedLoss;
import io.otium.lm.model.TestModels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTuningTest {
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2", "qwen2"})
  void theEngineReadsItsFilesAsTheTwinReadsIt(String family) throws Exception {
    Path model = TestModels.withChat(family, folder.resolve("model"));
    ModelFiles files = ModelFiles.open(model);
    float[] expected;
    try (AutogradModel twin = AutogradModel.of(files.weights(), DType.F32);
        PromptTuning tuning = PromptTuning.on(twin, 6, new Randomness(1));
        var _ = new Scope();
        var _ = new NoGrad()) {
      TokenBatch batch = tuning.prepared(TokenBatch.of(List.of(TOKENS)));
      expected = twin.logits(batch).narrow(0, 6, TOKENS.length).logSoftmax(-1).toFloats();
      // two sequences in a row of the batch are read as one alone
      TokenBatch two = tuning.prepared(TokenBatch.of(List.of(new int[] {7, 7}, TOKENS)));
      assertThat(twin.logits(two).narrow(0, 14, TOKENS.length).logSoftmax(-1).toFloats())
          .containsExactly(expected, within(1e-4f));
      tuning.write(model.toString(), folder.resolve("prompt"));
    }
    files.closeWeights();
    LoadOptions full = LoadOptions.defaults().withWeights(WeightPrecision.FP32);
    try (Model loaded = Model.load("soft", folder.resolve("prompt"), full)) {
      float[][] rows = loaded.logProbs(TOKENS);
      int v = rows[0].length;
      for (int i = 0; i < rows.length; i++) {
        assertThat(rows[i])
            .containsExactly(Arrays.copyOfRange(expected, i * v, (i + 1) * v), within(1e-4f));
      }
      assertThat(loaded.info().context()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itsGradientsAreThoseOfTheLoss(boolean recompute) throws Exception {
    ModelFiles files = ModelFiles.open(TestModels.tinyChat());
    try (AutogradModel twin = AutogradModel.of(files.weights(), DType.F32);
        PromptTuning tuning = PromptTuning.on(twin, 3, new Randomness(1));
        var _ = new Scope()) {
      twin.requiresGrad(false);
      var loss = new ChunkedLoss(twin, recompute);
      TokenBatch batch = tuning.prepared(TokenBatch.of(List.of(TOKENS, new int[] {8, 9, 10})));
      double before = loss.backward(batch, 1);
      var prompt = tuning.parameters().values().iterator().next();
      float[] gradient = prompt.grad().toFloats();
      double length = 0;
      for (float g : gradient) length += (double) g * g;
      double step = 1e-3 / Math.sqrt(length);
      try (var _ = new NoGrad()) {
        prompt.addInPlace(prompt.grad(), step);
      }
      // a step along the gradient raises the loss by the step times its squared length
      assertThat(loss.loss(batch) - before).isCloseTo(step * length, within(0.05 * step * length));
    } finally {
      files.closeWeights();
    }
  }

  @Test
  void closedItLeavesTheModelAsItWas() throws Exception {
    ModelFiles files = ModelFiles.open(TestModels.tinyChat());
    try (AutogradModel twin = AutogradModel.of(files.weights(), DType.F32);
        var _ = new Scope();
        var _ = new NoGrad()) {
      TokenBatch batch = TokenBatch.of(List.of(TOKENS));
      float[] before = twin.logits(batch).toFloats();
      PromptTuning.on(twin, 3, new Randomness(1)).close();
      assertThat(twin.logits(batch).toFloats()).containsExactly(before);
    } finally {
      files.closeWeights();
    }
  }
}
