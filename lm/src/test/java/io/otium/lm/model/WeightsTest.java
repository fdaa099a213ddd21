package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.TensorSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  /** The counts are transformers' own. */
  @ParameterizedTest
  @CsvSource({
    "llama, 33456",
    "llama3, 23936",
    "mistral, 27552",
    "qwen2, 20384",
    "qwen3, 26464",
    "gpt2, 30720",
    "bert, 22464"
  })
  void countsParametersTiedOnesOnce(String name, long parameters) throws Exception {
    Path folder = TestModels.folder(name);
    try (TensorSource source = TensorSource.open(folder)) {
      assertThat(Weights.of(ModelConfig.fromJson(folder), source).parameters())
          .isEqualTo(parameters);
    }
    try (TensorSource source = TensorSource.open(folder.resolve("model.gguf"))) {
      assertThat(Weights.of(ModelConfig.fromGguf(source.metadata(), source), source).parameters())
          .isEqualTo(parameters);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "gpt2"})
  void bothFormatsGiveTheSameNumbersUnderTheSameNames(String name) throws Exception {
    Path folder = TestModels.folder(name);
    try (TensorSource tensors = TensorSource.open(folder);
        TensorSource gguf = TensorSource.open(folder.resolve("model.gguf"))) {
      Weights.Layer a = Weights.of(ModelConfig.fromJson(folder), tensors).layer(1);
      Weights.Layer b = Weights.of(ModelConfig.fromGguf(gguf.metadata(), gguf), gguf).layer(1);
      assertThat(a.q().weight().name()).isEqualTo("layer(1).q");
      assertThat(b.q().weight().floats()).containsExactly(a.q().weight().floats());
      assertThat(b.k().weight().floats()).containsExactly(a.k().weight().floats());
      assertThat(b.v().weight().floats()).containsExactly(a.v().weight().floats());
      assertThat(b.down().weight().floats()).containsExactly(a.down().weight().floats());
      WeightTensor bias = a.k().bias();
      assertThat(bias == null).isEqualTo(b.k().bias() == null);
      if (bias != null) {
        assertThat(bias.name()).isEqualTo("layer(1).k.bias");
        assertThat(java.util.Objects.requireNonNull(b.k().bias()).floats())
            .containsExactly(bias.floats());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "model.gguf"})
  void someRowsAreThoseOfTheWhole(String file) throws Exception {
    for (String name : new String[] {"llama", "gpt2"}) {
      Path folder = TestModels.folder(name);
      try (TensorSource source = TensorSource.open(folder.resolve(file))) {
        WeightTensor k = Weights.of(ModelConfig.fromJson(folder), source).layer(0).k().weight();
        float[] all = k.floats();
        float[] some = new float[2 + 3 * k.columns()];
        k.read(4, 3, some, 2);
        assertThat(some).startsWith(0f, 0f);
        for (int i = 0; i < 3 * k.columns(); i++) {
          assertThat(some[2 + i]).isEqualTo(all[4 * k.columns() + i]);
        }
        if (k.rowsAreStored()) {
          float[] stored = new float[k.columns()];
          k.stored().copyFloats((long) k.storedRow(5) * k.columns(), stored, 0, k.columns());
          assertThat(stored[1]).isEqualTo(all[5 * k.columns() + 1]);
        }
        assertThatThrownBy(() -> k.read(k.rows() - 1, 2, some, 0))
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining("layer(0).k");
      }
    }
  }

  @Test
  void aMissingTensorIsNamed() throws Exception {
    try (TensorSource source = TensorSource.open(TestModels.folder("qwen2"))) {
      assertThatThrownBy(() -> Weights.of(ModelConfig.fromJson(TestModels.folder("qwen3")), source))
          .hasMessageContaining("layer(0).q")
          .hasMessageContaining("[32, 32]")
          .hasMessageContaining("[64, 32]");
      assertThatThrownBy(() -> Weights.of(changed("qwen2", "num_hidden_layers", 3), source))
          .hasMessage(
              "the model has no tensor 'model.layers.2.input_layernorm.weight',"
                  + " its layer(2).attentionNorm");
    }
  }

  @Test
  void aWrongShapeIsToldWithBothShapes() throws Exception {
    try (TensorSource source = TensorSource.open(TestModels.folder("llama"))) {
      assertThatThrownBy(() -> Weights.of(changed("llama", "intermediate_size", 64), source))
          .hasMessage(
              "tensor 'model.layers.0.mlp.gate_proj.weight' (layer(0).gate) has shape [56, 48];"
                  + " the model's configuration asks for [64, 48]");
    }
  }

  private static ModelConfig changed(String name, String key, int value) throws Exception {
    ObjectNode config =
        (ObjectNode)
            new ObjectMapper().readTree(TestModels.folder(name).resolve("config.json").toFile());
    return ModelConfig.fromJson(config.put(key, value));
  }
}
