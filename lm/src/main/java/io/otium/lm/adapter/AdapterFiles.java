package io.otium.lm.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.FormatException;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.LiveWeights;
import io.otium.lm.model.RowUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adapters on disk, as peft writes and reads them: {@code adapter_config.json} and {@code
 * adapter_model.safetensors} in a folder.
 */
public final class AdapterFiles {
  public static final String CONFIG = "adapter_config.json";
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AdapterFiles() {}

  /** Whether a folder holds an adapter. */
  public static boolean areIn(Path folder) {
    return Files.isRegularFile(folder.resolve(CONFIG));
  }

  /**
   * Writes an adapter.
   *
   * @param base the model that it belongs to: a name or a path
   */
  public static void write(Lora lora, String base, Path folder) throws IOException {
    Files.createDirectories(folder);
    var writer = new SafetensorsWriter().metadata("format", "pt");
    LiveWeights live = new LiveWeights(lora.parameters());
    for (String name : live.names()) writer.tensor(live.require(name));
    writer.write(folder.resolve(WEIGHTS));
    LoraOptions options = lora.options();
    ObjectNode config = MAPPER.createObjectNode();
    config.put("peft_type", "LORA");
    config.put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", base);
    config.put("r", options.rank());
    config.put("lora_alpha", options.alpha());
    config.put("lora_dropout", options.dropout());
    config.put("use_rslora", options.rslora());
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    config.put("inference_mode", true);
    var targets = config.putArray("target_modules");
    lora.parameters().keySet().stream()
        .filter(name -> name.endsWith(Lora.A))
        .map(name -> name.substring(0, name.length() - Lora.A.length()))
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .distinct()
        .forEach(targets::add);
    Files.writeString(
        folder.resolve(CONFIG),
        MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
  }

  /**
   * Reads an adapter.
   *
   * @throws FormatException if it is of another kind, or broken
   */
  public static Adapter read(Path folder) throws IOException {
    JsonNode config = MAPPER.readTree(Files.readString(folder.resolve(CONFIG)));
    String kind = config.path("peft_type").asText();
    if (!kind.equals("LORA")) {
      throw new FormatException(
          folder.resolve(CONFIG), "is of the kind '" + kind + "'; only LORA can be read");
    }
    if (config.path("use_dora").asBoolean()) {
      throw new FormatException(
          folder.resolve(CONFIG), "uses DoRA, which is not supported yet; only plain LoRA is");
    }
    int rank = config.path("r").asInt();
    double alpha = config.path("lora_alpha").asDouble();
    boolean rslora = config.path("use_rslora").asBoolean();
    double scale = alpha / (rslora ? Math.sqrt(rank) : rank);
    Map<String, Update> updates = new LinkedHashMap<>();
    try (TensorSource source = SafetensorsFile.open(folder.resolve(WEIGHTS))) {
      for (String name : source.names()) {
        if (!name.endsWith(Lora.A)) continue;
        String stem = name.substring(0, name.length() - Lora.A.length());
        TensorData a = source.require(name);
        TensorData b = source.require(stem + Lora.B);
        String product = stem.startsWith(Lora.PREFIX) ? stem.substring(Lora.PREFIX.length()) : stem;
        if (a.shape().length != 2 || b.shape().length != 2 || a.shape()[0] != b.shape()[1]) {
          throw new FormatException(
              folder.resolve(WEIGHTS), "the two matrices of " + product + " do not fit");
        }
        updates.put(
            product,
            new Update(
                a.floats(),
                b.floats(),
                Math.toIntExact(a.shape()[0]),
                Math.toIntExact(a.shape()[1]),
                scale));
      }
    }
    return new Adapter(config.path("base_model_name_or_path").asText(), Map.copyOf(updates));
  }

  /**
   * An adapter as it was read.
   *
   * @param base the model that it belongs to
   * @param updates by the product's name, e.g. {@code model.layers.3.self_attn.q_proj}
   */
  public record Adapter(String base, Map<String, Update> updates) {
    /** Numbers that were trained. */
    public long parameters() {
      return updates.values().stream().mapToLong(u -> u.a().length + u.b().length).sum();
    }
  }

  /**
   * A product's update {@code s · B A}.
   *
   * @param a {@code [rank, inputs]}
   * @param b {@code [outputs, rank]}
   */
  public record Update(float[] a, float[] b, int rank, int inputs, double scale)
      implements RowUpdate {
    /** Adds the update's rows {@code [first, first + count)} to weights {@code [count, inputs]}. */
    @Override
    public void addTo(int first, int count, float[] weights, int at) {
      for (int r = 0; r < count; r++) {
        for (int k = 0; k < rank; k++) {
          float factor = (float) (scale * b[(first + r) * rank + k]);
          if (factor == 0) continue;
          int to = at + r * inputs;
          for (int i = 0; i < inputs; i++) weights[to + i] += factor * a[k * inputs + i];
        }
      }
    }
  }
}
