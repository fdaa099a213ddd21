package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.format.GgufFile;
import io.otium.lm.format.GgufWriter;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorNumbers;
import io.otium.lm.format.TensorSource;
import io.otium.lm.format.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredTensorsTest {
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3", "gpt2"})
  void areThoseOfLlamaCppsConverterAndOfTransformersItself(String name) throws Exception {
    Path model = TestModels.folder(name);
    try (TensorSource reference = SafetensorsFile.open(model);
        TensorSource converted = GgufFile.open(model.resolve("model.gguf"))) {
      ModelConfig config = ModelConfig.fromJson(model);
      Weights weights = Weights.of(config, reference);
      assertSame(StoredTensors.huggingFace(weights), reference);
      assertSame(StoredTensors.gguf(weights), converted);
      Weights ofGguf = Weights.of(ModelConfig.fromGguf(converted.metadata(), converted), converted);
      assertSame(StoredTensors.gguf(ofGguf), converted);
      if (name.equals("mistral")) return; // is Llama to llama.cpp
      assertSame(StoredTensors.huggingFace(ofGguf), reference);
    }
  }

  private static void assertSame(List<TensorNumbers> written, TensorSource expected)
      throws Exception {
    assertThat(written.stream().map(TensorNumbers::name))
        .containsExactlyInAnyOrderElementsOf(expected.names());
    for (TensorNumbers tensor : written) {
      var like = expected.require(tensor.name());
      assertThat(tensor.shape()).as(tensor.name()).isEqualTo(like.shape());
      float[] numbers = new float[(int) tensor.elements()];
      // in pieces that are no whole rows
      for (int at = 0; at < numbers.length; at += 7) {
        tensor.copyFloats(at, numbers, at, Math.min(7, numbers.length - at));
      }
      float[] due = like.floats();
      if (tensor.name().equals("rope_freqs.weight")) {
        assertThat(numbers).containsExactly(due, org.assertj.core.api.Assertions.within(1e-5f));
      } else {
        assertThat(numbers).as(tensor.name()).containsExactly(due);
      }
    }
  }

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
  void configurationsAndWeightsComeBackFromBothForms(String name) throws Exception {
    Path model = TestModels.folder(name);
    try (TensorSource source = SafetensorsFile.open(model)) {
      ModelConfig config = ModelConfig.fromJson(model);
      Weights weights = Weights.of(config, source);
      float[] expected = new PlainForward(weights).logits(TOKENS);

      assertThat(ModelConfig.fromJson(ConfigJson.of(config))).isEqualTo(config);
      var safetensors = new SafetensorsWriter();
      StoredTensors.huggingFace(weights).forEach(t -> safetensors.tensor(t, TensorType.F32));
      Path folder = Files.createDirectory(this.folder.resolve("hf"));
      safetensors.write(folder.resolve("model.safetensors"));
      try (TensorSource again = SafetensorsFile.open(folder)) {
        assertThat(new PlainForward(Weights.of(config, again)).logits(TOKENS)).isEqualTo(expected);
      }

      Path file = this.folder.resolve("model.gguf");
      var gguf = new GgufWriter().values(GgufMetadata.of(config));
      StoredTensors.gguf(weights).forEach(t -> gguf.tensor(t, TensorType.F32));
      gguf.write(file);
      try (GgufFile again = GgufFile.open(file)) {
        ModelConfig read = ModelConfig.fromGguf(again.metadata(), again);
        assertThat(read.context()).isEqualTo(config.context());
        assertThat(new PlainForward(Weights.of(read, again)).logits(TOKENS))
            .containsExactly(expected, org.assertj.core.api.Assertions.within(1e-4f));
      }
    }
  }

  @Test
  void hasWhatAdaptersAdd() throws Exception {
    Path model = TestModels.folder("gpt2");
    try (TensorSource source = SafetensorsFile.open(model)) {
      ModelConfig config = ModelConfig.fromJson(model);
      RowUpdate update =
          (first, count, into, at) -> {
            for (int r = 0; r < count; r++) into[at + r * config.width()] += first + r;
          };
      Weights weights =
          Weights.of(config, source).with(Map.of("model.layers.1.self_attn.k_proj", update));
      var writer = new SafetensorsWriter();
      StoredTensors.huggingFace(weights).forEach(t -> writer.tensor(t, TensorType.F32));
      writer.write(folder.resolve("model.safetensors"));
      try (TensorSource again = SafetensorsFile.open(folder)) {
        assertThat(new PlainForward(Weights.of(config, again)).logits(TOKENS))
            .isEqualTo(new PlainForward(weights).logits(TOKENS))
            .isNotEqualTo(new PlainForward(Weights.of(config, source)).logits(TOKENS));
      }
    }
  }

  @Test
  void llamas31RopeFactorsAreFoundAgain() {
    var scaling = new Rope.Llama3(8, 1, 4, 8192);
    ModelConfig config = llama(new Rope(500_000, scaling));
    float[] factors = GgufMetadata.ropeFactors(config);
    assertThat(factors).isNotNull();
    List<Float> list = new java.util.ArrayList<>();
    for (float factor : java.util.Objects.requireNonNull(factors)) list.add(factor);
    ModelConfig ofGguf = llama(new Rope(500_000, new Rope.Factors(list)));
    assertThat(ModelConfig.fromJson(ConfigJson.of(ofGguf))).isEqualTo(config);
    ModelConfig unknown =
        llama(new Rope(500_000, new Rope.Factors(java.util.Collections.nCopies(32, 3f))));
    assertThatThrownBy(() -> ConfigJson.of(unknown)).hasMessageContaining("rope_freqs.weight");
  }

  private static ModelConfig llama(Rope rope) {
    return new ModelConfig(
        Architecture.LLAMA,
        1,
        64,
        1,
        1,
        64,
        64,
        100,
        131_072,
        ModelConfig.Norm.RMS,
        1e-5f,
        true,
        Activation.SILU,
        true,
        rope,
        false,
        false,
        false,
        false,
        true,
        1,
        0,
        0,
        true,
        1,
        List.of(2));
  }

  @Test
  void encodersAreRefused() throws Exception {
    Path model = TestModels.folder("bert");
    try (TensorSource source = SafetensorsFile.open(model)) {
      Weights weights = Weights.of(ModelConfig.fromJson(model), source);
      assertThatThrownBy(() -> StoredTensors.huggingFace(weights)).hasMessageContaining("encoder");
    }
  }
}
