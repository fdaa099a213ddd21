package io.otium.lm.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.FormatException;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.SoftPrompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Soft prompts on disk, as peft writes and reads them: one tensor beside the configuration. */
final class SoftPromptFiles {
  private static final String TENSOR = "prompt_embeddings";
  private static final String PROMPT = "PROMPT_TUNING";
  private static final String PREFIX = "PREFIX_TUNING";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private SoftPromptFiles() {}

  /** Whether peft's kind of adapter is one of these. */
  static boolean are(String kind) {
    return kind.equals(PROMPT) || kind.equals(PREFIX);
  }

  static void write(SoftPrompt prompt, ModelConfig model, String base, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    boolean prefix = prompt instanceof SoftPrompt.Prefix;
    ObjectNode config = MAPPER.createObjectNode();
    config.put("peft_type", prefix ? PREFIX : PROMPT);
    config.put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", base);
    config.put("num_virtual_tokens", prompt.length());
    config.put("token_dim", prefix ? model.kvWidth() : model.width());
    config.put("num_attention_heads", prefix ? model.kvHeads() : model.queryHeads());
    config.put("num_layers", model.layers());
    config.put("num_transformer_submodules", 1);
    if (prefix) {
      config.put("prefix_projection", false);
    } else {
      config.put("prompt_tuning_init", "RANDOM");
    }
    config.put("inference_mode", true);
    long[] shape = {prompt.length(), prompt.rows().length / prompt.length()};
    new SafetensorsWriter()
        .tensor(TensorData.of(TENSOR, shape, prompt.rows()))
        .write(folder.resolve(AdapterFiles.WEIGHTS));
    Files.writeString(
        folder.resolve(AdapterFiles.CONFIG),
        MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
  }

  /**
   * @throws FormatException if the tensor is missing or of another shape than the file says
   */
  static SoftPrompt read(JsonNode config, Path file) throws IOException {
    try (TensorSource source = SafetensorsFile.open(file)) {
      TensorData tensor = source.require(TENSOR);
      int length = config.path("num_virtual_tokens").asInt();
      if (tensor.shape().length != 2 || tensor.shape()[0] != length || length < 1) {
        throw new FormatException(file, "has no '%s' of %d positions".formatted(TENSOR, length));
      }
      return config.path("peft_type").asText().equals(PREFIX)
          ? new SoftPrompt.Prefix(length, tensor.floats())
          : new SoftPrompt.Embeddings(length, tensor.floats());
    }
  }
}
