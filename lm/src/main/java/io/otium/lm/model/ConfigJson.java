package io.otium.lm.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A model's configuration as Hugging Face's {@code config.json}: what transformers reads. */
public final class ConfigJson {
  private ConfigJson() {}

  /**
   * @throws IllegalArgumentException for an encoder, or if transformers has no way of saying it
   */
  public static ObjectNode of(ModelConfig c) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add(className(c.architecture()));
    json.put("model_type", c.architecture().id());
    if (c.logitScale() != 1) {
      throw new IllegalArgumentException(
          "the model scales its logits by %s, which transformers' %s cannot"
              .formatted(c.logitScale(), className(c.architecture())));
    }
    if (c.architecture() == Architecture.GPT2) {
      gpt2(json, c);
    } else {
      llama(json, c);
    }
    json.put("vocab_size", c.vocabulary());
    json.put("tie_word_embeddings", c.tiedEmbeddings());
    json.put("use_cache", true);
    if (c.bos() >= 0) json.put("bos_token_id", c.bos());
    if (c.eos().size() == 1) json.put("eos_token_id", c.eos().getFirst());
    if (c.eos().size() > 1) c.eos().forEach(json.putArray("eos_token_id")::add);
    return json;
  }

  private static String className(Architecture architecture) {
    return switch (architecture) {
      case LLAMA -> "LlamaForCausalLM";
      case MISTRAL -> "MistralForCausalLM";
      case QWEN2 -> "Qwen2ForCausalLM";
      case QWEN3 -> "Qwen3ForCausalLM";
      case GPT2 -> "GPT2LMHeadModel";
      case BERT ->
          throw new IllegalArgumentException(
              "the model is an encoder (bert); only models that write can be exported");
    };
  }

  private static void gpt2(ObjectNode json, ModelConfig c) {
    json.put("n_embd", c.width()).put("n_head", c.queryHeads()).put("n_layer", c.layers());
    json.put("n_inner", c.mlpWidth()).put("n_positions", c.context()).put("n_ctx", c.context());
    json.put("layer_norm_epsilon", exact(c.normEps()));
    json.put("activation_function", name(c.activation()));
    for (String dropout : List.of("attn_pdrop", "embd_pdrop", "resid_pdrop"))
      json.put(dropout, 0.0);
  }

  private static void llama(ObjectNode json, ModelConfig c) {
    json.put("hidden_size", c.width()).put("intermediate_size", c.mlpWidth());
    json.put("num_hidden_layers", c.layers());
    json.put("num_attention_heads", c.queryHeads()).put("num_key_value_heads", c.kvHeads());
    json.put("head_dim", c.headDim());
    json.put("max_position_embeddings", c.context());
    json.put("rms_norm_eps", exact(c.normEps()));
    json.put("hidden_act", name(c.activation()));
    biases(json, c);
    switch (c.architecture()) {
      case MISTRAL -> {
        if (c.slidingWindow() > 0) json.put("sliding_window", c.slidingWindow());
        else json.putNull("sliding_window");
      }
      case QWEN2, QWEN3 -> {
        json.put("use_sliding_window", c.slidingWindow() > 0);
        if (c.slidingWindow() > 0) {
          json.put("sliding_window", c.slidingWindow()).put("max_window_layers", 0);
        }
      }
      default -> {
        // no longer than the window is the context, and up to there a window changes nothing
      }
    }
    rope(json, c);
  }

  private static void biases(ObjectNode json, ModelConfig c) {
    boolean fixed = c.architecture() == Architecture.QWEN2 && c.qkvBias() && !c.outputBias();
    if (!fixed && c.qkvBias() != c.outputBias() || c.mlpBias() && !mayHaveMlpBias(c)) {
      throw new IllegalArgumentException(
          "transformers' %s cannot have biases in just these places"
              .formatted(className(c.architecture())));
    }
    json.put("attention_bias", c.outputBias());
    if (c.architecture() == Architecture.LLAMA) json.put("mlp_bias", c.mlpBias());
  }

  private static boolean mayHaveMlpBias(ModelConfig c) {
    return c.architecture() == Architecture.LLAMA;
  }

  /** As version 4 wrote it, which both 4 and 5 read. */
  private static void rope(ObjectNode json, ModelConfig c) {
    Rope rope = c.rope();
    if (rope == null) throw new IllegalArgumentException("the model has no rotary positions");
    json.put("rope_theta", rope.theta());
    Rope.Scaling scaling =
        rope.scaling() instanceof Rope.Factors factors
            ? llama3(rope.theta(), factors, c)
            : rope.scaling();
    if (scaling instanceof Rope.Unscaled) {
      json.putNull("rope_scaling");
      return;
    }
    ObjectNode node = json.putObject("rope_scaling");
    switch (scaling) {
      case Rope.Linear(double factor) -> node.put("rope_type", "linear").put("factor", factor);
      case Rope.Llama3(double factor, double low, double high, int context) ->
          node.put("rope_type", "llama3")
              .put("factor", factor)
              .put("low_freq_factor", low)
              .put("high_freq_factor", high)
              .put("original_max_position_embeddings", context);
      case Rope.Yarn(double factor, int context, double fast, double slow, double amplitude) ->
          node.put("rope_type", "yarn")
              .put("factor", factor)
              .put("original_max_position_embeddings", context)
              .put("beta_fast", fast)
              .put("beta_slow", slow)
              .put("attention_factor", amplitude);
      case Rope.Unscaled _, Rope.Factors _ -> throw new AssertionError(scaling);
    }
  }

  /**
   * Llama 3's own scaling, of which GGUF keeps the factors alone: found again among those known.
   */
  private static Rope.Scaling llama3(double theta, Rope.Factors stored, ModelConfig c) {
    for (double factor : new double[] {8, 32, 4, 16, 2}) {
      var candidate = new Rope.Llama3(factor, 1, 4, 8192);
      float[] plain = new Rope(theta, new Rope.Unscaled()).inverseFrequencies(c.headDim());
      float[] scaled = new Rope(theta, candidate).inverseFrequencies(c.headDim());
      boolean same = true;
      for (int i = 0; i < plain.length; i++) {
        float expected = plain[i] / scaled[i];
        same &= Math.abs(stored.factors().get(i) - expected) < 1e-3 * expected;
      }
      if (same) return candidate;
    }
    throw new IllegalArgumentException(
        "the model's rotary factors (rope_freqs.weight) are not those of Llama 3.1 or 3.2, and"
            + " transformers takes no others; export GGUF instead");
  }

  private static String name(Activation activation) {
    return switch (activation) {
      case SILU -> "silu";
      case GELU -> "gelu";
      case GELU_TANH -> "gelu_new";
      case RELU -> "relu";
    };
  }

  /** The float as people write it: 1.0E-5, not 9.999999747378752E-6. */
  private static double exact(float value) {
    return Double.parseDouble(Float.toString(value));
  }
}
