package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.TensorSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** SmolLM2-135M-Instruct's published configuration, as version 4 of transformers writes it. */
  private static final String SMOLLM2 =
      """
      {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1,
       "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 576, "intermediate_size": 1536,
       "max_position_embeddings": 8192, "mlp_bias": false, "model_type": "llama",
       "num_attention_heads": 9, "num_hidden_layers": 30, "num_key_value_heads": 3,
       "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 100000,
       "tie_word_embeddings": true, "torch_dtype": "bfloat16", "vocab_size": 49152}
      """;

  @Test
  void readsTheOlderSpellingOfRotaryPositions() throws Exception {
    ModelConfig smollm2 = ModelConfig.fromJson(JSON.readTree(SMOLLM2));
    assertThat(smollm2.headDim()).isEqualTo(64);
    assertThat(smollm2.kvHeads()).isEqualTo(3);
    assertThat(smollm2.tiedEmbeddings()).isTrue();
    assertThat(smollm2.rope()).isEqualTo(new Rope(100_000, new Rope.Unscaled()));
    assertThat(smollm2.eos()).containsExactly(2);

    ModelConfig llama32 =
        with(
            "rope_scaling",
            """
            {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
             "original_max_position_embeddings": 8192, "rope_type": "llama3"}
            """);
    assertThat(llama32.rope()).isEqualTo(new Rope(100_000, new Rope.Llama3(32, 1, 4, 8192)));
    ModelConfig yarn = with("rope_scaling", "{\"type\": \"yarn\", \"factor\": 4.0}");
    assertThat(yarn.rope())
        .isEqualTo(new Rope(100_000, new Rope.Yarn(4, 8192, 32, 1, 0.1 * Math.log(4) + 1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama3", "mistral", "qwen2", "qwen2-yarn", "qwen3", "gpt2", "bert"})
  void ggufSaysTheSameAsConfigJson(String name) throws Exception {
    Path folder = TestModels.folder(name);
    ModelConfig json = ModelConfig.fromJson(folder);
    try (TensorSource source = TensorSource.open(folder.resolve("model.gguf"))) {
      ModelConfig gguf = ModelConfig.fromGguf(source.metadata(), source);
      assertThat(gguf)
          .usingRecursiveComparison()
          // Token ids belong to the vocabulary, which these files do without; mistral's is llama.
          .ignoringFields("bos", "eos", "architecture", "rope.scaling")
          .isEqualTo(json);
      if (json.rope() != null && gguf.rope() != null) {
        assertThat(gguf.rope().inverseFrequencies(json.headDim()))
            .containsExactly(json.rope().inverseFrequencies(json.headDim()), within(1e-7f));
        assertThat(gguf.rope().amplitude()).isEqualTo(json.rope().amplitude());
      }
    }
  }

  @Test
  void endTokensOfTheGenerationConfigAreAdded(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("config.json"), SMOLLM2);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 7, 9]}");
    assertThat(ModelConfig.fromJson(folder).eos()).containsExactly(2, 7, 9);
  }

  @Test
  void aSlidingWindowLimitsTheContext() throws Exception {
    ObjectNode mistral = (ObjectNode) JSON.readTree(SMOLLM2);
    mistral.put("model_type", "mistral").put("sliding_window", 4096);
    ModelConfig config = ModelConfig.fromJson(mistral);
    assertThat(config.context()).isEqualTo(4096);
    assertThat(config.slidingWindow()).isEqualTo(4096);

    ObjectNode qwen = (ObjectNode) JSON.readTree(SMOLLM2);
    qwen.put("model_type", "qwen2").put("sliding_window", 4096).put("use_sliding_window", false);
    assertThat(ModelConfig.fromJson(qwen).context()).isEqualTo(8192);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "num_attention_heads | 0 | 'num_attention_heads' is 0; it must be a whole number from 1 to"
            + " 1024",
        "num_attention_heads | 7 | a width of 576 cannot be shared evenly by 7 heads",
        "num_key_value_heads | 2 | 9 query heads cannot share 2 key/value heads evenly",
        "num_hidden_layers | 1000000000 | 'num_hidden_layers' is 1000000000; it must be a whole"
            + " number from 1 to 1024",
        "num_hidden_layers | 1e300 | 'num_hidden_layers' is 1.0E300; it must be a whole number from"
            + " 1 to 1024",
        "num_hidden_layers | 2.5 | 'num_hidden_layers' is 2.5; it must be a whole number from 1 to"
            + " 1024",
        "hidden_size | null | the model's configuration has no 'hidden_size'",
        "hidden_size | \"wide\" | 'hidden_size' is wide; it must be a whole number from 1 to"
            + " 131072",
        "hidden_size | -576 | 'hidden_size' is -576; it must be a whole number from 1 to 131072",
        "head_dim | 63 | a head of 63 elements cannot be rotated; it must be an even number",
        "vocab_size | 99999999999999999999 | 'vocab_size' is 99999999999999999999; it must be a"
            + " whole number from 1 to 4194304",
        "rms_norm_eps | -1 | 'rms_norm_eps' is -1; it must be a number from 0 to 1",
        "rope_theta | 0 | 'rope_theta' is 0; it must be a number from 1.001 to 1000000000000",
        "rope_scaling | {\"type\": \"dynamic\"} | 'rope_type' is dynamic; it must be one of"
            + " default, linear, llama3, yarn",
        "rope_scaling | {\"type\": \"llama3\", \"high_freq_factor\": 1} | 'high_freq_factor' is"
            + " 1.0; it must be above low_freq_factor, 1.0",
        "rope_scaling | 4 | 'rope_scaling' is 4; it must be an object",
        "hidden_act | \"quick_gelu\" | activation 'quick_gelu' is not supported; it must be one of"
            + " silu, gelu, gelu_new, gelu_pytorch_tanh, relu",
        "model_type | \"mamba\" | architecture 'mamba' is not supported; it must be one of llama,"
            + " mistral, qwen2, qwen3, gpt2, bert",
        "tie_word_embeddings | 1 | 'tie_word_embeddings' is 1; it must be true or false",
        "eos_token_id | [2, -3] | 'eos_token_id' is -3; it must be a whole number from 0 to"
            + " 4194304",
        "num_local_experts | 8 | 'num_local_experts' is 8, which is not supported: only dense MLPs",
      })
  void refusesNonsenseInOneSentence(String key, String value, String sentence) {
    assertThatThrownBy(() -> with(key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void refusesQuantisedCheckpoints() {
    assertThatThrownBy(() -> with("quantization_config", "{\"quant_method\": \"awq\"}"))
        .hasMessageContaining("only unquantised safetensors can be read");
  }

  @Test
  void refusesWhatIsNotAConfiguration(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> ModelConfig.fromJson(JSON.readTree("[1]")))
        .hasMessage("a model's configuration must be a JSON object");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":");
    assertThatThrownBy(() -> ModelConfig.fromJson(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("config.json is not JSON: ");
    Files.writeString(folder.resolve("config.json"), "[".repeat(100_000));
    assertThatThrownBy(() -> ModelConfig.fromJson(folder))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "general.architecture | mamba | architecture 'mamba' is not supported; it must be one of"
            + " llama, mistral, qwen2, qwen3, gpt2, bert",
        "llama.expert_count | 8 | 'expert_count' is 8, which is not supported: only dense MLPs",
        "llama.attention.head_count | 5 | a width of 48 cannot be shared evenly by 5 heads",
        "llama.rope.dimension_count | 4 | 'rope.dimension_count' is 4, which is not supported:"
            + " heads must be rotated whole",
        "llama.rope.scaling.type | longrope | 'rope.scaling.type' is longrope; it must be one of"
            + " none, linear, yarn",
      })
  void refusesNonsenseInGguf(String key, String value, String sentence) throws Exception {
    try (TensorSource source =
        TensorSource.open(TestModels.folder("llama").resolve("model.gguf"))) {
      Map<String, Object> metadata = new HashMap<>(source.metadata());
      metadata.put(key, value.matches("\\d+") ? (Object) Long.valueOf(value) : value);
      assertThatThrownBy(() -> ModelConfig.fromGguf(metadata, source)).hasMessage(sentence);
    }
  }

  @Test
  void endTokensOfGgufAreThoseOfTextAndTurn() throws Exception {
    try (TensorSource source =
        TensorSource.open(TestModels.folder("llama").resolve("model.gguf"))) {
      Map<String, Object> metadata = new HashMap<>(source.metadata());
      metadata.put("tokenizer.ggml.bos_token_id", 1L);
      metadata.put("tokenizer.ggml.eos_token_id", 2L);
      metadata.put("tokenizer.ggml.eot_token_id", 5L);
      ModelConfig config = ModelConfig.fromGguf(metadata, source);
      assertThat(config.bos()).isEqualTo(1);
      assertThat(config.eos()).isEqualTo(List.of(2, 5));
      metadata.put("llama.attention.head_count_kv", new int[] {2, 3});
      assertThatThrownBy(() -> ModelConfig.fromGguf(metadata, source))
          .hasMessageContaining("'attention.head_count_kv' is an array of 2; it must be");
    }
  }

  private static ModelConfig with(String key, String json) throws Exception {
    JsonNode value = JSON.readTree(json);
    return ModelConfig.fromJson(((ObjectNode) JSON.readTree(SMOLLM2)).set(key, value));
  }
}
