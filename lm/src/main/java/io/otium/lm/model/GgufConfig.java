package io.otium.lm.model;

import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig.Norm;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a GGUF file's metadata as llama.cpp does. */
final class GgufConfig {
  private static final int MOST = ModelConfig.MOST_VOCABULARY;

  private GgufConfig() {}

  static ModelConfig read(Map<String, ?> metadata, TensorSource tensors) {
    Fields general = new Fields(metadata);
    Architecture architecture = Architecture.of(general.text("general.architecture", ""));
    if (architecture == Architecture.MISTRAL) {
      throw Fields.refused(
          "general.architecture", "mistral", "llama, as converters write Mistral's models");
    }
    Fields f = withoutPrefix(metadata, architecture.id() + ".");
    f.only("expert_count", 0, "only dense MLPs");
    f.only("embedding_scale", 1, "embeddings must not be scaled");
    f.only("residual_scale", 1, "residuals must not be scaled");
    f.only("attention.scale", 0, "attention must be scaled by the root of the head's size");

    int width = f.integer("embedding_length", 1, ModelConfig.MOST_WIDTH);
    int heads = f.integer("attention.head_count", 1, ModelConfig.MOST_HEADS);
    int headDim =
        f.has("attention.key_length")
            ? f.integer("attention.key_length", 1, ModelConfig.MOST_HEAD_DIM)
            : share(width, heads);
    f.only("attention.value_length", headDim, "values must be as long as keys");
    int context = f.integer("context_length", 1, ModelConfig.MOST_CONTEXT);
    int window = f.integer("attention.sliding_window", 0, ModelConfig.MOST_CONTEXT, 0);
    boolean rotary = architecture != Architecture.GPT2 && architecture != Architecture.BERT;
    boolean bert = architecture == Architecture.BERT;
    if (rotary) {
      f.only("rope.dimension_count", headDim, "heads must be rotated whole");
    }
    Set<String> names = tensors.names();
    return new ModelConfig(
        architecture,
        f.integer("block_count", 1, ModelConfig.MOST_LAYERS),
        width,
        heads,
        f.integer("attention.head_count_kv", 1, ModelConfig.MOST_HEADS, heads),
        headDim,
        f.integer("feed_forward_length", 1, ModelConfig.MOST_MLP_WIDTH),
        vocabulary(tensors),
        window > 0 ? Math.min(window, context) : context,
        rotary ? Norm.RMS : Norm.LAYER,
        (float)
            (rotary
                ? f.number("attention.layer_norm_rms_epsilon", 0, 1, 1e-6)
                : f.number("attention.layer_norm_epsilon", 0, 1, bert ? 1e-12 : 1e-5)),
        !bert,
        rotary ? Activation.SILU : bert ? Activation.GELU : Activation.GELU_TANH,
        rotary,
        rotary ? rope(f, context, tensors) : null,
        names.contains("blk.0.attn_q.bias") || names.contains("blk.0.attn_qkv.bias"),
        names.contains("blk.0.attn_output.bias"),
        names.contains("blk.0.ffn_down.bias"),
        names.contains("blk.0.attn_q_norm.weight"),
        !names.contains("output.weight"),
        (float) f.number("logit_scale", 1e-6, 1e6, 1),
        bert ? f.integer("token_type_count", 1, MOST, rows(tensors, "token_types.weight")) : 0,
        window,
        !bert,
        general.integer("tokenizer.ggml.bos_token_id", 0, MOST, -1),
        eos(general));
  }

  private static Rope rope(Fields f, int context, TensorSource tensors) {
    double theta = f.number("rope.freq_base", 1.001, 1e12, 10_000);
    TensorData factors = tensors.get("rope_freqs.weight");
    if (factors != null) {
      return new Rope(theta, new Rope.Factors(factors(factors)));
    }
    String type = f.text("rope.scaling.type", "none");
    double factor = f.number("rope.scaling.factor", 1e-3, 1e6, 1);
    int original =
        f.integer("rope.scaling.original_context_length", 1, ModelConfig.MOST_CONTEXT, context);
    return new Rope(
        theta,
        switch (type) {
          case "none" -> new Rope.Unscaled();
          case "linear" -> new Rope.Linear(factor);
          case "yarn" ->
              new Rope.Yarn(
                  factor,
                  original,
                  f.number("rope.scaling.yarn_beta_fast", 1e-3, 1e6, 32),
                  f.number("rope.scaling.yarn_beta_slow", 1e-3, 1e6, 1),
                  Rope.Yarn.defaultAmplitude(factor)
                      * f.number("rope.scaling.attn_factor", 1e-3, 1e3, 1));
          default -> throw Fields.refused("rope.scaling.type", type, "one of none, linear, yarn");
        });
  }

  private static List<Float> factors(TensorData tensor) {
    long count = 1;
    for (long size : tensor.shape()) {
      count *= size;
    }
    if (count > ModelConfig.MOST_HEAD_DIM) {
      throw new IllegalArgumentException(
          "rope_freqs.weight has "
              + count
              + " elements; at most "
              + ModelConfig.MOST_HEAD_DIM
              + " are allowed");
    }
    List<Float> factors = new ArrayList<>();
    for (float factor : tensor.floats()) {
      if (!(factor > 1e-3 && factor < 1e6)) {
        throw Fields.refused("rope_freqs.weight", factor, "factors from 0.001 to 1000000");
      }
      factors.add(factor);
    }
    return factors;
  }

  private static List<Integer> eos(Fields general) {
    Set<Integer> eos = new LinkedHashSet<>();
    for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
      int id = general.integer("tokenizer.ggml." + key, 0, MOST, -1);
      if (id >= 0) {
        eos.add(id);
      }
    }
    return List.copyOf(eos);
  }

  private static int vocabulary(TensorSource tensors) {
    int rows = rows(tensors, "token_embd.weight");
    if (rows == 0) {
      throw new IllegalArgumentException("the model has no tensor 'token_embd.weight'");
    }
    return rows;
  }

  private static int rows(TensorSource tensors, String name) {
    TensorData tensor = tensors.get(name);
    return tensor == null || tensor.shape().length == 0
        ? 0
        : (int) Fields.whole("rows of " + name, tensor.shape()[0], 1, MOST);
  }

  private static int share(int width, int heads) {
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "a width of " + width + " cannot be shared evenly by " + heads + " heads");
    }
    return width / heads;
  }

  private static Fields withoutPrefix(Map<String, ? extends @Nullable Object> all, String prefix) {
    Map<String, Object> own = new java.util.HashMap<>();
    all.forEach(
        (key, value) -> {
          if (key.startsWith(prefix) && value != null) {
            own.put(key.substring(prefix.length()), value);
          }
        });
    return new Fields(own);
  }
}
