package io.otium.lm.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Range;
import io.otium.lm.text.Tokenizer;

/**
 * What a model is that begins from nothing: Llama's architecture, with the token embedding for its
 * output, too.
 */
@Doc("A model that begins from nothing")
public record NewModel(
    @Doc("Transformer blocks") @Range(min = 1, max = 1024) int layers,
    @Doc("Elements of a token's state") @Range(min = 8, max = 1 << 17) int width,
    @Doc("Heads of the attention") @Range(min = 1, max = 1024) int heads,
    @Doc("Heads of keys and values, shared by the attention's") @Range(min = 1, max = 1024)
        int kvHeads,
    @Doc("Elements between the MLP's products") @Range(min = 8, max = 1 << 20) int mlpWidth,
    @Doc("Tokens that the model can see at once") @Range(min = 8, max = 1 << 24) int context,
    @Doc("Tokens of the tokenizer that is learnt from the data") @Range(min = 259, max = 1 << 22)
        int vocabulary) {

  public static final NewModel DEFAULTS = new NewModel(6, 256, 8, 4, 768, 1024, 2048);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double NORM_EPS = 1e-5;
  private static final double ROPE_THETA = 10_000;

  public NewModel {
    if (width % heads != 0 || width / heads % 2 != 0) {
      throw OptionException.invalid(
          "heads", heads, "a number that shares the width (%d) into even parts".formatted(width));
    }
    if (heads % kvHeads != 0) {
      throw OptionException.invalid(
          "kv_heads", kvHeads, "a number that divides the heads (%d)".formatted(heads));
    }
  }

  /** Hugging Face's {@code config.json}. */
  ObjectNode config(Tokenizer tokenizer) {
    ObjectNode config = JSON.createObjectNode();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("model_type", "llama").put("hidden_act", "silu");
    config.put("num_hidden_layers", layers).put("hidden_size", width);
    config.put("num_attention_heads", heads).put("num_key_value_heads", kvHeads);
    config.put("head_dim", width / heads).put("intermediate_size", mlpWidth);
    config.put("max_position_embeddings", context);
    config.put("vocab_size", tokenizer.vocabularySize());
    config.put("rms_norm_eps", NORM_EPS).put("rope_theta", ROPE_THETA);
    config.put("tie_word_embeddings", true).put("attention_bias", false).put("mlp_bias", false);
    config.putNull("bos_token_id");
    config.putPOJO("eos_token_id", tokenizer.eos().stream().sorted().toList());
    config.put("torch_dtype", "bfloat16");
    return config;
  }
}
