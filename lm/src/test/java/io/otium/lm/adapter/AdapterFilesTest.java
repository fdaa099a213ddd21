package io.otium.lm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders as peft writes them. */
class AdapterFilesTest {
  private static final String Q = "base_model.model.model.layers.0.self_attn.q_proj.lora_";

  @TempDir Path folder;

  @Test
  void ranksAndStrengthsMayDifferFromProductToProduct() throws Exception {
    write(
        """
        {"peft_type": "LORA", "base_model_name_or_path": "HuggingFaceTB/SmolLM2-135M-Instruct",
         "r": 4, "lora_alpha": 8, "rank_pattern": {"q_proj": 2},
         "alpha_pattern": {"layers.1.self_attn.q_proj": 5, "q_proj": 6}, "modules_to_save": null,
         "layers_to_transform": null, "use_dora": false, "bias": "none"}
        """,
        Map.of(
            Q + "A.weight", new long[] {2, 3},
            Q + "B.weight", new long[] {5, 2},
            Q.replace("s.0", "s.1") + "A.weight", new long[] {2, 3},
            Q.replace("s.0", "s.1") + "B.weight", new long[] {5, 2},
            Q.replace("q_p", "v_p") + "A.weight", new long[] {4, 3},
            Q.replace("q_p", "v_p") + "B.weight", new long[] {1, 4}));
    AdapterFiles.Adapter read = AdapterFiles.read(folder);
    assertThat(read.base()).isEqualTo("smollm2-135m-instruct");
    assertThat(scale(read, "model.layers.0.self_attn.q_proj")).isEqualTo(3);
    assertThat(scale(read, "model.layers.1.self_attn.q_proj")).isEqualTo(2.5);
    assertThat(scale(read, "model.layers.0.self_attn.v_proj")).isEqualTo(2);
  }

  @Test
  void gpt2sFusedProductIsTakenApart() throws Exception {
    String module = "base_model.model.transformer.h.1.attn.c_attn.lora_";
    write(
        """
        {"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 2, "lora_alpha": 2,
         "fan_in_fan_out": true}
        """,
        Map.of(module + "A.weight", new long[] {2, 4}, module + "B.weight", new long[] {12, 2}));
    AdapterFiles.Adapter read = AdapterFiles.read(folder);
    assertThat(read.updates().keySet())
        .containsExactlyInAnyOrder(
            "model.layers.1.self_attn.q_proj",
            "model.layers.1.self_attn.k_proj",
            "model.layers.1.self_attn.v_proj");
    float[] k = Objects.requireNonNull(read.updates().get("model.layers.1.self_attn.k_proj")).b();
    assertThat(k).containsExactly(8, 9, 10, 11, 12, 13, 14, 15);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"modules_to_save\": [\"lm_head\"] | modules_to_save",
        "\"bias\": \"all\" | bias",
        "\"trainable_token_indices\": [1] | trainable_token_indices",
        "\"layer_replication\": [[0, 2]] | layer_replication",
        "\"peft_type\": \"IA3\" | IA3",
        "\"alpha_pattern\": {\"(\": 1} | alpha_pattern"
      })
  void whatWouldBeLostIsRefusedByItsKey(String entry, String named) throws Exception {
    write(
        "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"b\", \"r\": 2, " + entry + "}",
        Map.of(Q + "A.weight", new long[] {2, 3}, Q + "B.weight", new long[] {5, 2}));
    assertThatThrownBy(() -> AdapterFiles.read(folder))
        .hasMessageContaining("adapter_config.json")
        .hasMessageContaining(named);
  }

  @Test
  void tensorsOfAnotherKindAreRefusedByName() throws Exception {
    write(
        "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"b\", \"r\": 2}",
        Map.of("base_model.model.model.embed_tokens.lora_embedding_A", new long[] {2, 3}));
    assertThatThrownBy(() -> AdapterFiles.read(folder)).hasMessageContaining("lora_embedding_A");
  }

  @Test
  void aPickleIsNotRead() throws Exception {
    Files.writeString(
        folder.resolve(AdapterFiles.CONFIG),
        "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"b\"}");
    Files.writeString(folder.resolve("adapter_model.bin"), "x");
    assertThatThrownBy(() -> AdapterFiles.read(folder)).hasMessageContaining("safe_serialization");
  }

  private static double scale(AdapterFiles.Adapter adapter, String product) {
    return Objects.requireNonNull(adapter.updates().get(product)).scale();
  }

  private void write(String config, Map<String, long[]> shapes) throws Exception {
    Files.writeString(folder.resolve(AdapterFiles.CONFIG), config);
    var writer = new SafetensorsWriter();
    for (var shape : new LinkedHashMap<>(shapes).entrySet()) {
      long[] s = shape.getValue();
      float[] numbers = new float[(int) (s[0] * s[1])];
      for (int i = 0; i < numbers.length; i++) numbers[i] = i;
      writer.tensor(TensorData.of(shape.getKey(), s, numbers));
    }
    writer.write(folder.resolve(AdapterFiles.WEIGHTS));
  }
}
