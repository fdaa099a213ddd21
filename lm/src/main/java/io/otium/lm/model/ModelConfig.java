package io.otium.lm.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.lm.format.TensorSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is, apart from its weights. A family is a value of this record, not a class: the
 * forward pass asks for what it needs and never for a name.
 *
 * @param layers transformer blocks
 * @param width elements of a token's hidden state
 * @param queryHeads heads of the attention
 * @param kvHeads heads of keys and values, each shared by {@code queryHeads / kvHeads} query heads
 * @param headDim elements of a head; {@code queryHeads · headDim} need not be the width
 * @param mlpWidth elements between the MLP's two products
 * @param vocabulary rows of the token embedding
 * @param context most tokens of a sequence; not beyond the sliding window, where there is one, for
 *     up to there a window changes nothing
 * @param normEps added to the variance (or mean square) before its root
 * @param preNorm whether a block normalises its input (GPT-2, Llama) and not its output (BERT)
 * @param gatedMlp down(act(gate(x)) · up(x)) instead of down(act(up(x)))
 * @param rope rotary positions; null for learned ones, added to the token's embedding
 * @param qkvBias whether queries, keys and values have biases
 * @param outputBias whether the attention's output product has a bias
 * @param mlpBias whether the MLP's products have biases
 * @param qkNorm whether each query and key head is normalised before its rotation (Qwen3)
 * @param tiedEmbeddings whether the logits use the token embedding
 * @param logitScale factor of the logits
 * @param tokenTypes rows of the token-type embedding (BERT); 0 for none
 * @param slidingWindow tokens that a token may look back on; 0 for all
 * @param causal whether a token sees only itself and those before it
 * @param bos id of the begin-of-sequence token, or -1
 * @param eos ids that end an answer
 */
public record ModelConfig(
    Architecture architecture,
    int layers,
    int width,
    int queryHeads,
    int kvHeads,
    int headDim,
    int mlpWidth,
    int vocabulary,
    int context,
    Norm norm,
    float normEps,
    boolean preNorm,
    Activation activation,
    boolean gatedMlp,
    @Nullable Rope rope,
    boolean qkvBias,
    boolean outputBias,
    boolean mlpBias,
    boolean qkNorm,
    boolean tiedEmbeddings,
    float logitScale,
    int tokenTypes,
    int slidingWindow,
    boolean causal,
    int bos,
    List<Integer> eos) {

  /** How hidden states are normalised. */
  public enum Norm {
    /** x / √(mean(x²) + eps) · weight */
    RMS,
    /** (x − mean) / √(variance + eps) · weight + bias */
    LAYER
  }

  /** More than any model has; what exceeds them is a broken or hostile file. */
  static final int MOST_LAYERS = 1024;

  static final int MOST_WIDTH = 1 << 17;
  static final int MOST_MLP_WIDTH = 1 << 20;
  static final int MOST_HEADS = 1024;
  static final int MOST_HEAD_DIM = 1024;
  static final int MOST_VOCABULARY = 1 << 22;
  static final int MOST_CONTEXT = 1 << 24;

  public ModelConfig {
    eos = List.copyOf(eos);
    Fields.whole("layers", layers, 1, MOST_LAYERS);
    Fields.whole("width", width, 1, MOST_WIDTH);
    Fields.whole("queryHeads", queryHeads, 1, MOST_HEADS);
    Fields.whole("kvHeads", kvHeads, 1, MOST_HEADS);
    Fields.whole("headDim", headDim, 1, MOST_HEAD_DIM);
    Fields.whole("mlpWidth", mlpWidth, 1, MOST_MLP_WIDTH);
    Fields.whole("vocabulary", vocabulary, 1, MOST_VOCABULARY);
    Fields.whole("context", context, 1, MOST_CONTEXT);
    if (queryHeads % kvHeads != 0) {
      throw new IllegalArgumentException(
          queryHeads + " query heads cannot share " + kvHeads + " key/value heads evenly");
    }
    if (rope != null && headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "a head of " + headDim + " elements cannot be rotated; it must be an even number");
    }
    if (rope != null
        && rope.scaling() instanceof Rope.Factors(List<Float> factors)
        && factors.size() != headDim / 2) {
      throw new IllegalArgumentException(
          factors.size() + " rotary factors for heads of " + headDim + "; there must be half");
    }
  }

  /** Elements of all query heads together. */
  public int queryWidth() {
    return queryHeads * headDim;
  }

  /** Elements of all key heads together, and of all value heads. */
  public int kvWidth() {
    return kvHeads * headDim;
  }

  /**
   * From Hugging Face's {@code config.json}.
   *
   * @throws IllegalArgumentException if a value is missing, nonsense or not supported
   */
  public static ModelConfig fromJson(JsonNode config) {
    return HuggingFaceConfig.read(config, null);
  }

  /**
   * From a folder's {@code config.json}, or that file itself, with the end tokens of {@code
   * generation_config.json} beside it where there is one.
   *
   * @throws IllegalArgumentException if it is not JSON, or a value is missing, nonsense or not
   *     supported
   */
  public static ModelConfig fromJson(Path configOrFolder) throws IOException {
    return HuggingFaceConfig.read(configOrFolder);
  }

  /**
   * From a GGUF file's metadata, and from which tensors it holds (their shapes tell what the
   * metadata leaves out: the vocabulary, biases, an output matrix of its own, rotary factors).
   *
   * @throws IllegalArgumentException if a value is missing, nonsense or not supported
   */
  public static ModelConfig fromGguf(Map<String, ?> metadata, TensorSource tensors) {
    return GgufConfig.read(metadata, tensors);
  }
}
