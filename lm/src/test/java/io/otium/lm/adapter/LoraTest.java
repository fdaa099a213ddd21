package io.otium.lm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraTest {
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"llama, false", "llama, true", "qwen2, true", "gpt2, false", "gpt2, true"})
  void anAdapterReadFromItsFilesIsWhatWasTrained(String family, boolean dora) throws Exception {
    Path model = TestModels.folder(family);
    var options = new LoraOptions(4, 8, 0, List.of(LoraOptions.ALL), false, dora);
    try (TensorSource source = TensorSource.open(model)) {
      Weights weights = Weights.of(ModelConfig.fromJson(model), source);
      try (AutogradModel twin = AutogradModel.of(weights, DType.F32);
          Lora lora = Lora.on(twin, options, new Randomness(1));
          var _ = new Scope();
          var _ = new NoGrad()) {
        float[] before = twin.logits(TokenBatch.of(List.of(TOKENS))).toFloats();
        assertThat(before)
            .as("a new adapter changes nothing")
            .containsExactly(plain(weights, before), within(1e-4f));

        var random = new Randomness(2).stream(Randomness.INIT);
        for (Tensor parameter : lora.parameters().values()) {
          if (parameter.shape().length == 1) parameter.mulInPlace(1.3);
          else random.normalInPlace(parameter, 0, 0.05);
        }
        float[] adapted = twin.logits(TokenBatch.of(List.of(TOKENS))).toFloats();
        assertThat(adapted).isNotEqualTo(before);

        AdapterFiles.write(lora, "llama", folder);
        AdapterFiles.Adapter read = AdapterFiles.read(folder);
        assertThat(read.base()).isEqualTo("llama");
        float[] merged = new PlainForward(weights.with(read.updates())).logits(TOKENS);
        assertThat(merged).containsExactly(adapted, within(1e-4f));
        assertThat(new PlainForward(weights.with(lora.updates())).logits(TOKENS))
            .containsExactly(merged, within(1e-6f));
      }
    }
  }

  private static float[] plain(Weights weights, float[] like) {
    float[] plain = new PlainForward(weights).logits(TOKENS);
    assertThat(plain).hasSameSizeAs(like);
    return plain;
  }

  @Test
  void targetsThatMatchNothingAreNamed() throws Exception {
    Path model = TestModels.folder("llama");
    try (TensorSource source = TensorSource.open(model);
        AutogradModel twin =
            AutogradModel.of(Weights.of(ModelConfig.fromJson(model), source), DType.F32)) {
      var options = new LoraOptions(4, 8, 0, List.of("q_proj", "qproj"), false, false);
      assertThatThrownBy(() -> Lora.on(twin, options, new Randomness(1)))
          .hasMessageContaining("'qproj'")
          .hasMessageContaining("q_proj, k_proj");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mergedItGivesTheSameLogitsAndUnmergedTheModelIsWhatItWas(boolean dora) throws Exception {
    Path model = TestModels.folder("qwen2");
    var options = new LoraOptions(4, 8, 0, List.of(LoraOptions.ALL), false, dora);
    try (TensorSource source = TensorSource.open(model);
        AutogradModel twin =
            AutogradModel.of(Weights.of(ModelConfig.fromJson(model), source), DType.F32);
        var _ = new Scope();
        var _ = new NoGrad()) {
      TokenBatch batch = TokenBatch.of(List.of(TOKENS));
      float[] before = twin.logits(batch).toFloats();
      Lora lora = Lora.on(twin, options, new Randomness(1));
      var random = new Randomness(2).stream(Randomness.INIT);
      for (Tensor parameter : lora.parameters().values()) {
        if (parameter.shape().length == 1) parameter.mulInPlace(1.3);
        else random.normalInPlace(parameter, 0, 0.05);
      }
      float[] beside = twin.logits(batch).toFloats();
      lora.merge();
      assertThat(lora.isMerged()).isTrue();
      assertThat(twin.logits(batch).toFloats()).containsExactly(beside, within(1e-4f));
      assertThatThrownBy(lora::merge).hasMessageContaining("already");
      lora.unmerge();
      assertThat(twin.logits(batch).toFloats()).containsExactly(beside);
      assertThatThrownBy(lora::unmerge).hasMessageContaining("not merged");
      lora.merge();
      lora.close();
      assertThat(twin.logits(batch).toFloats()).containsExactly(before);
    }
  }

  @Test
  void gpt2sOneProductIsAdaptedAsAWholeByDora() throws Exception {
    Path model = TestModels.folder("gpt2");
    try (TensorSource source = TensorSource.open(model);
        AutogradModel twin =
            AutogradModel.of(Weights.of(ModelConfig.fromJson(model), source), DType.F32)) {
      var options = new LoraOptions(4, 8, 0, List.of("q_proj", "v_proj"), false, true);
      assertThatThrownBy(() -> Lora.on(twin, options, new Randomness(1)))
          .hasMessageContaining("all three or none");
    }
  }

  @Test
  void onlyTheTargetsAreAdapted() throws Exception {
    Path model = TestModels.folder("llama");
    try (TensorSource source = TensorSource.open(model);
        AutogradModel twin =
            AutogradModel.of(Weights.of(ModelConfig.fromJson(model), source), DType.F32);
        Lora lora =
            Lora.on(
                twin,
                new LoraOptions(4, 8, 0, List.of("v_proj"), false, false),
                new Randomness(1))) {
      assertThat(lora.parameters().keySet())
          .isNotEmpty()
          .allMatch(name -> name.contains(".v_proj."));
    }
  }
}
