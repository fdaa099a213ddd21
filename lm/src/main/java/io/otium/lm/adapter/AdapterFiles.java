package io.otium.lm.adapter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.FormatException;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.LiveWeights;
import io.otium.lm.model.RowUpdate;
import io.otium.lm.model.SoftPrompt;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
    LoraOptions options = lora.options();
    boolean fused = FusedProducts.are(lora.config().architecture());
    ObjectNode config = MAPPER.createObjectNode();
    config.put("peft_type", "LORA");
    config.put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", base);
    config.put("r", options.rank());
    config.put("lora_alpha", options.alpha());
    config.put("lora_dropout", options.dropout());
    config.put("use_rslora", options.rslora());
    config.put("use_dora", options.dora());
    config.put("bias", "none");
    config.put("fan_in_fan_out", fused);
    config.put("inference_mode", true);
    var writer = new SafetensorsWriter();
    Set<String> targets = new LinkedHashSet<>();
    if (fused) {
      writeFused(lora, writer, config, targets);
    } else {
      LiveWeights live = new LiveWeights(lora.parameters());
      for (String name : live.names()) {
        writer.tensor(live.require(name));
        if (name.endsWith(Lora.A)) targets.add(lastParts(module(name), 1));
      }
    }
    targets.forEach(config.putArray("target_modules")::add);
    writer.write(folder.resolve(WEIGHTS));
    Files.writeString(
        folder.resolve(CONFIG),
        MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
  }

  /** The updates of transformers' own modules, with their ranks where they differ. */
  private static void writeFused(
      Lora lora, SafetensorsWriter writer, ObjectNode config, Set<String> targets) {
    LoraOptions options = lora.options();
    ObjectNode ranks = config.putObject("rank_pattern");
    ObjectNode alphas = config.putObject("alpha_pattern");
    FusedProducts.fuse(lora.updates(), lora.config().layers())
        .forEach(
            (module, update) -> {
              int rank = update.rank();
              long outputs = update.b().length / rank;
              writer.tensor(
                  TensorData.of(
                      Lora.PREFIX + module + Lora.A,
                      new long[] {rank, update.inputs()},
                      update.a()));
              writer.tensor(
                  TensorData.of(
                      Lora.PREFIX + module + Lora.B, new long[] {outputs, rank}, update.b()));
              float[] magnitude = update.magnitude();
              if (magnitude != null) {
                writer.tensor(
                    TensorData.of(
                        Lora.PREFIX + module + Lora.MAGNITUDE, new long[] {outputs}, magnitude));
              }
              String target = lastParts(module, 2);
              targets.add(target);
              if (rank != options.rank()) {
                double share = (double) rank / options.rank();
                ranks.put(target, rank);
                alphas.put(target, options.alpha() * (options.rslora() ? Math.sqrt(share) : share));
              }
            });
  }

  /** The module that a tensor of either matrix belongs to. */
  private static String module(String tensor) {
    String stem = tensor.substring(0, tensor.length() - Lora.A.length());
    return stem.startsWith(Lora.PREFIX) ? stem.substring(Lora.PREFIX.length()) : stem;
  }

  private static String lastParts(String name, int parts) {
    int from = name.length();
    for (int i = 0; i < parts; i++) from = name.lastIndexOf('.', from - 1);
    return name.substring(from + 1);
  }

  /**
   * Reads an adapter, whoever wrote it.
   *
   * @throws FormatException if it is of another kind, or broken
   */
  public static Adapter read(Path folder) throws IOException {
    PeftConfig config = PeftConfig.read(folder.resolve(CONFIG));
    Path file = folder.resolve(WEIGHTS);
    if (!Files.exists(file)) {
      boolean pickled = Files.exists(folder.resolve("adapter_model.bin"));
      throw new FormatException(
          folder,
          "has no %s%s"
              .formatted(
                  WEIGHTS,
                  pickled
                      ? ", but adapter_model.bin, a program in disguise; save it again by peft with"
                          + " safe_serialization=True"
                      : ", where an adapter's weights are"));
    }
    if (SoftPromptFiles.are(config.kind())) {
      return new Adapter(config.base(), Map.of(), SoftPromptFiles.read(config.json(), file));
    }
    Map<String, Update> updates = new LinkedHashMap<>();
    try (TensorSource source = SafetensorsFile.open(file)) {
      Set<String> left = new LinkedHashSet<>(source.names());
      for (String name : source.names()) {
        if (!name.endsWith(Lora.A)) continue;
        String other = name.substring(0, name.length() - Lora.A.length()) + Lora.B;
        left.remove(name);
        left.remove(other);
        String module = module(name);
        TensorData a = source.require(name);
        TensorData b = source.require(other);
        if (a.shape().length != 2 || b.shape().length != 2 || a.shape()[0] != b.shape()[1]) {
          throw new FormatException(file, "the two matrices of " + module + " do not fit");
        }
        int rank = Math.toIntExact(a.shape()[0]);
        String scaled = name.substring(0, name.length() - Lora.A.length()) + Lora.MAGNITUDE;
        TensorData magnitude = source.get(scaled);
        left.remove(scaled);
        if (magnitude != null && magnitude.elements() != b.shape()[0]) {
          throw new FormatException(file, "the magnitudes of " + module + " do not fit");
        }
        var update =
            new Update(
                a.floats(),
                b.floats(),
                magnitude == null ? null : magnitude.floats(),
                rank,
                Math.toIntExact(a.shape()[1]),
                config.scale(module, rank));
        updates.putAll(FusedProducts.split(module, update));
      }
      if (!left.isEmpty()) {
        throw new FormatException(
            file,
            "holds '%s'; only lora_A, lora_B and lora_magnitude_vector of products can be read"
                .formatted(left.iterator().next()));
      }
    }
    return new Adapter(config.base(), Map.copyOf(updates), null);
  }

  /**
   * An adapter as it was read.
   *
   * @param base the model that it belongs to
   * @param updates by the product's name, e.g. {@code model.layers.3.self_attn.q_proj}
   * @param prompt stands before every sequence; null for none
   */
  public record Adapter(String base, Map<String, Update> updates, @Nullable SoftPrompt prompt) {
    /** Numbers that were trained. */
    public long parameters() {
      long ofPrompt = prompt == null ? 0 : prompt.rows().length;
      return ofPrompt + updates.values().stream().mapToLong(Update::parameters).sum();
    }

    /**
     * A model's weights with the adapter.
     *
     * @throws IllegalArgumentException if it is for another model
     */
    public Weights on(Weights base) {
      Weights adapted = base.with(updates);
      return prompt == null ? adapted : adapted.behind(prompt);
    }

    /** Whether its products can be made beside the model's own, whose weights stay as they are. */
    public boolean isBeside() {
      return prompt == null
          && updates.values().stream().allMatch(update -> update.magnitude() == null);
    }
  }

  /**
   * A product's update {@code s · B A}, and the length of each row with it.
   *
   * @param a {@code [rank, inputs]}
   * @param b {@code [outputs, rank]}
   * @param magnitude {@code [outputs]} (DoRA); null where rows are as long as they come (LoRA)
   */
  public record Update(
      float[] a, float[] b, float @Nullable [] magnitude, int rank, int inputs, double scale)
      implements RowUpdate {
    /** LoRA's. */
    public Update(float[] a, float[] b, int rank, int inputs, double scale) {
      this(a, b, null, rank, inputs, scale);
    }

    private long parameters() {
      return (long) a.length + b.length + (magnitude == null ? 0 : magnitude.length);
    }

    @Override
    public void addTo(int first, int count, float[] weights, int at) {
      for (int r = 0; r < count; r++) {
        int to = at + r * inputs;
        for (int k = 0; k < rank; k++) {
          float factor = (float) (scale * b[(first + r) * rank + k]);
          if (factor == 0) continue;
          for (int i = 0; i < inputs; i++) weights[to + i] += factor * a[k * inputs + i];
        }
        if (magnitude != null) stretch(weights, to, magnitude[first + r]);
      }
    }

    /** Gives a row its length. */
    private void stretch(float[] weights, int at, float length) {
      double squares = 0;
      for (int i = at; i < at + inputs; i++) squares += (double) weights[i] * weights[i];
      float factor = (float) (length / Math.sqrt(squares));
      for (int i = at; i < at + inputs; i++) weights[i] *= factor;
    }
  }
}
