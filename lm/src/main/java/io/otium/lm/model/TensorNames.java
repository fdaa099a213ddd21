package io.otium.lm.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Where a model's file keeps each weight: a table for each way of naming. A stem with {@code
 * .weight} or {@code .bias} after it is a tensor's name; {@code #} stands for the layer's number.
 */
final class TensorNames {
  /** What a weight is in the forward pass. */
  enum Role {
    TOKENS("tokenEmbedding"),
    POSITIONS("positionEmbedding"),
    TYPES("typeEmbedding"),
    EMBEDDING_NORM("embeddingNorm"),
    ATTENTION_NORM("attentionNorm"),
    Q("q"),
    K("k"),
    V("v"),
    Q_NORM("qNorm"),
    K_NORM("kNorm"),
    O("o"),
    MLP_NORM("mlpNorm"),
    GATE("gate"),
    UP("up"),
    DOWN("down"),
    FINAL_NORM("finalNorm"),
    OUTPUT("output");

    private final String canonical;

    Role(String canonical) {
      this.canonical = canonical;
    }

    /** The name that messages and users of {@link Weights} see, e.g. {@code layer(3).q}. */
    String canonical(int layer) {
      return layer < 0 ? canonical : "layer(" + layer + ")." + canonical;
    }
  }

  /**
   * Where a role's weight lies.
   *
   * @param part which of {@code parts} equal parts of the output rows, where several roles share a
   *     tensor
   * @param transposed whether the file has inputs as rows (GPT-2's Conv1D)
   */
  record Place(String stem, int part, int parts, boolean transposed) {
    Place(String stem) {
      this(stem, 0, 1, false);
    }

    String name(int layer, String suffix) {
      return stem.replace("#", Integer.toString(layer)) + suffix;
    }
  }

  private final Map<Role, Place> places = new EnumMap<>(Role.class);
  private final boolean interleavedHeads;

  private TensorNames(boolean interleavedHeads) {
    this.interleavedHeads = interleavedHeads;
  }

  /** The names that a file uses, told by the names in it. */
  static TensorNames of(Architecture architecture, Set<String> inFile) {
    if (inFile.contains("token_embd.weight")) {
      return gguf(architecture);
    }
    if (inFile.contains("model.embed_tokens.weight")) {
      // Llama's names are also those of every family's twin in training
      return llama("model.").with(Role.POSITIONS, "model.embed_positions");
    }
    return switch (architecture) {
      case LLAMA, MISTRAL, QWEN2, QWEN3 ->
          llama(inFile.contains("embed_tokens.weight") ? "" : "model.");
      case GPT2 -> gpt2(inFile.contains("wte.weight") ? "" : "transformer.");
      case BERT -> bert(inFile.contains("bert.embeddings.word_embeddings.weight") ? "bert." : "");
    };
  }

  /** The names that transformers gives a family's model for causal language modelling. */
  static TensorNames huggingFace(Architecture architecture) {
    return of(architecture, Set.of());
  }

  Place place(Role role) {
    Place place = places.get(role);
    if (place == null) {
      throw new IllegalArgumentException(role.canonical(-1) + " has no name in this format");
    }
    return place;
  }

  /**
   * Whether the rows of a query or key head alternate between its first and its second half, as
   * llama.cpp's rotation of Llama wants them.
   */
  boolean interleavedHeads() {
    return interleavedHeads;
  }

  private static TensorNames llama(String prefix) {
    TensorNames names = new TensorNames(false);
    String layer = prefix + "layers.#.";
    return names
        .with(Role.TOKENS, prefix + "embed_tokens")
        .with(Role.ATTENTION_NORM, layer + "input_layernorm")
        .with(Role.Q, layer + "self_attn.q_proj")
        .with(Role.K, layer + "self_attn.k_proj")
        .with(Role.V, layer + "self_attn.v_proj")
        .with(Role.Q_NORM, layer + "self_attn.q_norm")
        .with(Role.K_NORM, layer + "self_attn.k_norm")
        .with(Role.O, layer + "self_attn.o_proj")
        .with(Role.MLP_NORM, layer + "post_attention_layernorm")
        .with(Role.GATE, layer + "mlp.gate_proj")
        .with(Role.UP, layer + "mlp.up_proj")
        .with(Role.DOWN, layer + "mlp.down_proj")
        .with(Role.FINAL_NORM, prefix + "norm")
        .with(Role.OUTPUT, "lm_head");
  }

  private static TensorNames gpt2(String prefix) {
    TensorNames names = new TensorNames(false);
    String layer = prefix + "h.#.";
    return names
        .with(Role.TOKENS, prefix + "wte")
        .with(Role.POSITIONS, prefix + "wpe")
        .with(Role.ATTENTION_NORM, layer + "ln_1")
        .with(Role.Q, new Place(layer + "attn.c_attn", 0, 3, true))
        .with(Role.K, new Place(layer + "attn.c_attn", 1, 3, true))
        .with(Role.V, new Place(layer + "attn.c_attn", 2, 3, true))
        .with(Role.O, new Place(layer + "attn.c_proj", 0, 1, true))
        .with(Role.MLP_NORM, layer + "ln_2")
        .with(Role.UP, new Place(layer + "mlp.c_fc", 0, 1, true))
        .with(Role.DOWN, new Place(layer + "mlp.c_proj", 0, 1, true))
        .with(Role.FINAL_NORM, prefix + "ln_f")
        .with(Role.OUTPUT, "lm_head");
  }

  private static TensorNames bert(String prefix) {
    TensorNames names = new TensorNames(false);
    String layer = prefix + "encoder.layer.#.";
    return names
        .with(Role.TOKENS, prefix + "embeddings.word_embeddings")
        .with(Role.POSITIONS, prefix + "embeddings.position_embeddings")
        .with(Role.TYPES, prefix + "embeddings.token_type_embeddings")
        .with(Role.EMBEDDING_NORM, prefix + "embeddings.LayerNorm")
        .with(Role.Q, layer + "attention.self.query")
        .with(Role.K, layer + "attention.self.key")
        .with(Role.V, layer + "attention.self.value")
        .with(Role.O, layer + "attention.output.dense")
        .with(Role.ATTENTION_NORM, layer + "attention.output.LayerNorm")
        .with(Role.UP, layer + "intermediate.dense")
        .with(Role.DOWN, layer + "output.dense")
        .with(Role.MLP_NORM, layer + "output.LayerNorm");
  }

  /** llama.cpp's names; it knows Mistral's models as Llama's. */
  static TensorNames gguf(Architecture architecture) {
    TensorNames names =
        new TensorNames(architecture == Architecture.LLAMA || architecture == Architecture.MISTRAL);
    boolean bert = architecture == Architecture.BERT;
    boolean fused = architecture == Architecture.GPT2;
    return names
        .with(Role.TOKENS, "token_embd")
        .with(Role.POSITIONS, "position_embd")
        .with(Role.TYPES, "token_types")
        .with(Role.EMBEDDING_NORM, "token_embd_norm")
        .with(Role.ATTENTION_NORM, bert ? "blk.#.attn_output_norm" : "blk.#.attn_norm")
        .with(Role.Q, fused ? new Place("blk.#.attn_qkv", 0, 3, false) : new Place("blk.#.attn_q"))
        .with(Role.K, fused ? new Place("blk.#.attn_qkv", 1, 3, false) : new Place("blk.#.attn_k"))
        .with(Role.V, fused ? new Place("blk.#.attn_qkv", 2, 3, false) : new Place("blk.#.attn_v"))
        .with(Role.Q_NORM, "blk.#.attn_q_norm")
        .with(Role.K_NORM, "blk.#.attn_k_norm")
        .with(Role.O, "blk.#.attn_output")
        .with(Role.MLP_NORM, bert ? "blk.#.layer_output_norm" : "blk.#.ffn_norm")
        .with(Role.GATE, "blk.#.ffn_gate")
        .with(Role.UP, "blk.#.ffn_up")
        .with(Role.DOWN, "blk.#.ffn_down")
        .with(Role.FINAL_NORM, "output_norm")
        .with(Role.OUTPUT, "output");
  }

  private TensorNames with(Role role, String stem) {
    return with(role, new Place(stem));
  }

  private TensorNames with(Role role, Place place) {
    places.put(role, place);
    return this;
  }
}
