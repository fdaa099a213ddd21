package io.otium.lm.adapter;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.lm.format.FormatException;
import io.otium.lm.hub.KnownModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What {@code adapter_config.json} says that matters for reading: a LoRA's scale, which may differ
 * from product to product.
 *
 * @param kind as peft calls it, e.g. {@code LORA}
 * @param base the model that the adapter belongs to, as Otium names it
 * @param alphas by patterns that the ends of modules' names match, the first that does
 * @param json all that the file says
 */
record PeftConfig(
    String kind,
    String base,
    double alpha,
    boolean rslora,
    Map<Pattern, Double> alphas,
    JsonNode json) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * @throws FormatException if the adapter has anything that would be lost
   */
  static PeftConfig read(Path file) throws IOException {
    JsonNode json;
    try {
      json = MAPPER.readTree(file.toFile());
    } catch (JacksonException broken) {
      throw new FormatException(file, "is no JSON: " + broken.getOriginalMessage());
    }
    String kind = json.path("peft_type").asText();
    if (!kind.equals("LORA") && !SoftPromptFiles.are(kind)) {
      throw new FormatException(
          file, "is of the kind '" + kind + "'; LORA, PROMPT_TUNING and PREFIX_TUNING can be read");
    }
    refuse(file, json, "modules_to_save", "modules that are trained as a whole");
    refuse(file, json, "lora_bias", "biases of its own");
    refuse(file, json, "use_qalora", "QALoRA");
    refuse(file, json, "layer_replication", "layers that it repeats");
    refuse(file, json, "trainable_token_indices", "tokens that are trained");
    refuse(file, json, "target_parameters", "parameters that are no product's");
    if (!json.path("bias").asText("none").equals("none")) {
      throw new FormatException(
          file, "has bias '%s'; allowed is none".formatted(json.path("bias").asText()));
    }
    Map<Pattern, Double> alphas = new LinkedHashMap<>();
    for (var entry : json.path("alpha_pattern").properties()) {
      try {
        alphas.put(
            Pattern.compile("(.*\\.)?(" + entry.getKey() + ")"), entry.getValue().asDouble());
      } catch (PatternSyntaxException broken) {
        throw new FormatException(file, "has a broken alpha_pattern '" + entry.getKey() + "'");
      }
    }
    return new PeftConfig(
        kind,
        KnownModels.named(json.path("base_model_name_or_path").asText()),
        json.path("lora_alpha").asDouble(8),
        json.path("use_rslora").asBoolean(),
        alphas,
        json);
  }

  private static void refuse(Path file, JsonNode json, String key, String what)
      throws FormatException {
    JsonNode value = json.path(key);
    boolean set = value.isContainerNode() ? !value.isEmpty() : value.asBoolean();
    if (set) {
      throw new FormatException(
          file, "has %s (%s), which is not supported; plain LoRA is".formatted(what, key));
    }
  }

  /** What a module's update is multiplied by. */
  double scale(String module, int rank) {
    double own =
        alphas.entrySet().stream()
            .filter(entry -> entry.getKey().matcher(module).matches())
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(alpha);
    return own / (rslora ? Math.sqrt(rank) : rank);
  }
}
