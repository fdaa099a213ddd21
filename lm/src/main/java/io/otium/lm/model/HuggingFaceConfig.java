package io.otium.lm.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.lm.model.ModelConfig.Norm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code config.json} as transformers does, of version 4 and 5. */
final class HuggingFaceConfig {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MOST_BYTES = 16 << 20;

  private HuggingFaceConfig() {}

  static ModelConfig read(Path configOrFolder) throws IOException {
    Path file =
        Files.isDirectory(configOrFolder) ? configOrFolder.resolve("config.json") : configOrFolder;
    Path generation = file.resolveSibling("generation_config.json");
    return read(parse(file), Files.exists(generation) ? parse(generation) : null);
  }

  private static JsonNode parse(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IllegalArgumentException(
          file.getFileName() + " has " + Files.size(file) + " bytes; at most 16 MiB are allowed");
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file.getFileName() + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  static ModelConfig read(JsonNode config, @Nullable JsonNode generation) {
    if (!config.isObject()) {
      throw new IllegalArgumentException("a model's configuration must be a JSON object");
    }
    Fields f = fields(config);
    Architecture architecture = Architecture.of(f.text("model_type", ""));
    f.only("quantization_config", Map.of(), "only unquantised safetensors can be read");
    f.only("is_encoder_decoder", false, "only encoders or decoders alone");
    f.only("add_cross_attention", false, "only self-attention");
    Set<Integer> eos = new LinkedHashSet<>(ids(f, "eos_token_id"));
    if (generation != null && generation.isObject()) {
      eos.addAll(ids(fields(generation), "eos_token_id"));
    }
    List<Integer> bos = ids(f, "bos_token_id");
    int firstBos = bos.isEmpty() ? -1 : bos.getFirst();
    return switch (architecture) {
      case LLAMA, MISTRAL, QWEN2, QWEN3 -> llama(architecture, f, firstBos, List.copyOf(eos));
      case GPT2 -> gpt2(f, firstBos, List.copyOf(eos));
      case BERT -> bert(f, firstBos, List.copyOf(eos));
    };
  }

  private static ModelConfig llama(
      Architecture architecture, Fields f, int bos, List<Integer> eos) {
    int width = f.integer("hidden_size", 1, ModelConfig.MOST_WIDTH);
    int heads = f.integer("num_attention_heads", 1, ModelConfig.MOST_HEADS);
    // Qwen3 alone does not derive the size of a head from the width.
    int headDim =
        f.has("head_dim")
            ? f.integer("head_dim", 1, ModelConfig.MOST_HEAD_DIM)
            : architecture == Architecture.QWEN3 ? 128 : share(width, heads);
    int context = f.integer("max_position_embeddings", 1, ModelConfig.MOST_CONTEXT);
    boolean windowUsed =
        architecture == Architecture.MISTRAL || f.flag("use_sliding_window", false);
    int window = windowUsed ? f.integer("sliding_window", 1, ModelConfig.MOST_CONTEXT, 0) : 0;
    boolean bias = f.flag("attention_bias", false);
    f.only("partial_rotary_factor", 1.0, "heads must be rotated whole");
    f.only("num_local_experts", 0, "only dense MLPs");
    return new ModelConfig(
        architecture,
        f.integer("num_hidden_layers", 1, ModelConfig.MOST_LAYERS),
        width,
        heads,
        f.integer("num_key_value_heads", 1, ModelConfig.MOST_HEADS, heads),
        headDim,
        f.integer("intermediate_size", 1, ModelConfig.MOST_MLP_WIDTH),
        f.integer("vocab_size", 1, ModelConfig.MOST_VOCABULARY),
        window > 0 ? Math.min(window, context) : context,
        Norm.RMS,
        (float) f.number("rms_norm_eps", 0, 1, 1e-6),
        true,
        Activation.of(f.text("hidden_act", "silu")),
        true,
        rope(f, context),
        bias || architecture == Architecture.QWEN2,
        bias,
        f.flag("mlp_bias", false),
        architecture == Architecture.QWEN3,
        f.flag("tie_word_embeddings", false),
        1,
        0,
        window,
        true,
        bos,
        eos);
  }

  private static ModelConfig gpt2(Fields f, int bos, List<Integer> eos) {
    f.only("scale_attn_weights", true, "attention must be scaled by the root of the head's size");
    f.only("scale_attn_by_inverse_layer_idx", false, "attention must not be scaled by layer");
    int width = f.integer("n_embd", 1, ModelConfig.MOST_WIDTH);
    int heads = f.integer("n_head", 1, ModelConfig.MOST_HEADS);
    return new ModelConfig(
        Architecture.GPT2,
        f.integer("n_layer", 1, ModelConfig.MOST_LAYERS),
        width,
        heads,
        heads,
        share(width, heads),
        f.integer("n_inner", 1, ModelConfig.MOST_MLP_WIDTH, 4 * width),
        f.integer("vocab_size", 1, ModelConfig.MOST_VOCABULARY),
        f.integer("n_positions", 1, ModelConfig.MOST_CONTEXT),
        Norm.LAYER,
        (float) f.number("layer_norm_epsilon", 0, 1, 1e-5),
        true,
        Activation.of(f.text("activation_function", "gelu_new")),
        false,
        null,
        true,
        true,
        true,
        false,
        f.flag("tie_word_embeddings", true),
        1,
        0,
        0,
        true,
        bos,
        eos);
  }

  private static ModelConfig bert(Fields f, int bos, List<Integer> eos) {
    f.only("position_embedding_type", "absolute", "positions must be absolute");
    f.only("is_decoder", false, "bert must be an encoder");
    int width = f.integer("hidden_size", 1, ModelConfig.MOST_WIDTH);
    int heads = f.integer("num_attention_heads", 1, ModelConfig.MOST_HEADS);
    return new ModelConfig(
        Architecture.BERT,
        f.integer("num_hidden_layers", 1, ModelConfig.MOST_LAYERS),
        width,
        heads,
        heads,
        share(width, heads),
        f.integer("intermediate_size", 1, ModelConfig.MOST_MLP_WIDTH),
        f.integer("vocab_size", 1, ModelConfig.MOST_VOCABULARY),
        f.integer("max_position_embeddings", 1, ModelConfig.MOST_CONTEXT),
        Norm.LAYER,
        (float) f.number("layer_norm_eps", 0, 1, 1e-12),
        false,
        Activation.of(f.text("hidden_act", "gelu")),
        false,
        null,
        true,
        true,
        true,
        false,
        true,
        1,
        f.integer("type_vocab_size", 1, ModelConfig.MOST_VOCABULARY, 2),
        0,
        false,
        bos,
        eos);
  }

  /** Version 5 writes {@code rope_parameters}; before, theta stood beside {@code rope_scaling}. */
  private static Rope rope(Fields f, int context) {
    Fields r = f.has("rope_parameters") ? f.inner("rope_parameters") : f.inner("rope_scaling");
    r.only("partial_rotary_factor", 1.0, "heads must be rotated whole");
    double theta =
        r.has("rope_theta")
            ? r.number("rope_theta", 1.001, 1e12, 0)
            : f.number("rope_theta", 1.001, 1e12, 10_000);
    String type = r.text("rope_type", r.text("type", "default"));
    double factor = r.number("factor", 1e-3, 1e6, 1);
    int original =
        r.integer("original_max_position_embeddings", 1, ModelConfig.MOST_CONTEXT, context);
    return new Rope(
        theta,
        switch (type) {
          case "default" -> new Rope.Unscaled();
          case "linear" -> new Rope.Linear(factor);
          case "llama3" -> {
            double low = r.number("low_freq_factor", 1e-3, 1e6, 1);
            double high = r.number("high_freq_factor", 1e-3, 1e6, 4);
            if (high <= low) {
              throw Fields.refused("high_freq_factor", high, "above low_freq_factor, " + low);
            }
            yield new Rope.Llama3(factor, low, high, original);
          }
          case "yarn" -> {
            r.only("truncate", true, "YaRN's range of pairs must be whole");
            r.only("mscale", 0, "YaRN's amplitude must be given by attention_factor");
            yield new Rope.Yarn(
                factor,
                original,
                r.number("beta_fast", 1e-3, 1e6, 32),
                r.number("beta_slow", 1e-3, 1e6, 1),
                r.number("attention_factor", 1e-3, 1e3, Rope.Yarn.defaultAmplitude(factor)));
          }
          default ->
              throw Fields.refused("rope_type", type, "one of default, linear, llama3, yarn");
        });
  }

  private static int share(int width, int heads) {
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "a width of " + width + " cannot be shared evenly by " + heads + " heads");
    }
    return width / heads;
  }

  /** Token ids, given as one number, a list or null. */
  private static List<Integer> ids(Fields f, String key) {
    Object value = f.values().get(key);
    if (value == null) {
      return List.of();
    }
    List<Integer> ids = new ArrayList<>();
    for (Object id : value instanceof Collection<?> many ? many : List.of(value)) {
      ids.add((int) Fields.whole(key, id, 0, ModelConfig.MOST_VOCABULARY));
    }
    return ids;
  }

  private static Fields fields(JsonNode object) {
    return new Fields(JSON.convertValue(object, new TypeReference<Map<String, Object>>() {}));
  }
}
