package io.otium.lm.model;

import io.otium.lm.format.GgufValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model's configuration as llama.cpp's metadata: what {@link GgufConfig} reads. */
public final class GgufMetadata {
  private static final String YARN = "rope.scaling.yarn_";

  private GgufMetadata() {}

  /**
   * Keys and values, apart from the tokenizer's.
   *
   * @throws IllegalArgumentException if GGUF cannot say it
   */
  public static Map<String, GgufValue> of(ModelConfig c) {
    // llama.cpp runs Mistral's models as Llama's
    Architecture as =
        c.architecture() == Architecture.MISTRAL ? Architecture.LLAMA : c.architecture();
    Map<String, GgufValue> all = new LinkedHashMap<>();
    all.put("general.architecture", GgufValue.string(as.id()));
    String prefix = as.id() + ".";
    put(all, prefix + "vocab_size", c.vocabulary());
    put(all, prefix + "context_length", c.context());
    put(all, prefix + "embedding_length", c.width());
    put(all, prefix + "block_count", c.layers());
    put(all, prefix + "feed_forward_length", c.mlpWidth());
    put(all, prefix + "attention.head_count", c.queryHeads());
    Rope rope = c.rope();
    if (rope == null) {
      put(all, prefix + "attention.layer_norm_epsilon", c.normEps());
      return all;
    }
    put(all, prefix + "attention.head_count_kv", c.kvHeads());
    put(all, prefix + "attention.layer_norm_rms_epsilon", c.normEps());
    put(all, prefix + "attention.key_length", c.headDim());
    put(all, prefix + "attention.value_length", c.headDim());
    put(all, prefix + "rope.dimension_count", c.headDim());
    put(all, prefix + "rope.freq_base", (float) rope.theta());
    if (c.logitScale() != 1) put(all, prefix + "logit_scale", c.logitScale());
    scaling(all, prefix, rope.scaling());
    return all;
  }

  private static void scaling(Map<String, GgufValue> all, String prefix, Rope.Scaling scaling) {
    switch (scaling) {
      case Rope.Unscaled _, Rope.Llama3 _, Rope.Factors _ -> {}
      case Rope.Linear(double factor) -> {
        all.put(prefix + "rope.scaling.type", GgufValue.string("linear"));
        put(all, prefix + "rope.scaling.factor", (float) factor);
      }
      case Rope.Yarn yarn -> {
        all.put(prefix + "rope.scaling.type", GgufValue.string("yarn"));
        put(all, prefix + "rope.scaling.factor", (float) yarn.factor());
        put(all, prefix + "rope.scaling.original_context_length", yarn.originalContext());
        put(all, prefix + YARN + "beta_fast", (float) yarn.betaFast());
        put(all, prefix + YARN + "beta_slow", (float) yarn.betaSlow());
        double usual = Rope.Yarn.defaultAmplitude(yarn.factor());
        if (yarn.amplitude() != usual) {
          put(all, prefix + "rope.scaling.attn_factor", (float) (yarn.amplitude() / usual));
        }
      }
    }
  }

  /**
   * What llama.cpp divides the frequency of each pair of a head's elements by, where the scaling is
   * one that it has as a tensor; null where there is none.
   */
  static float @Nullable [] ropeFactors(ModelConfig c) {
    Rope rope = c.rope();
    if (rope == null) return null;
    return switch (rope.scaling()) {
      case Rope.Factors(List<Float> factors) -> {
        float[] all = new float[factors.size()];
        for (int i = 0; i < all.length; i++) all[i] = factors.get(i);
        yield all;
      }
      case Rope.Llama3 _ -> {
        float[] plain = new Rope(rope.theta(), new Rope.Unscaled()).inverseFrequencies(c.headDim());
        float[] scaled = rope.inverseFrequencies(c.headDim());
        for (int i = 0; i < plain.length; i++) plain[i] /= scaled[i];
        yield plain;
      }
      default -> null;
    };
  }

  private static void put(Map<String, GgufValue> all, String key, int value) {
    all.put(key, GgufValue.uint32(value));
  }

  private static void put(Map<String, GgufValue> all, String key, float value) {
    all.put(key, GgufValue.float32(value));
  }
}
