package io.otium.core.nn;

import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small transformer from one sequence of tokens to another (Vaswani et al. 2017, with norms
 * first). Both share the embedding, which also is the last layer's weight.
 */
public final class EncoderDecoder extends Module {
  private final long maxTokens;
  private final Embedding tokens;
  private final Embedding positions;
  private final Layer encoder;
  private final List<DecoderBlock> decoder = new ArrayList<>();
  private final LayerNorm encoderNorm;
  private final LayerNorm decoderNorm;
  private final Linear head;

  /**
   * @param depth blocks of the encoder, and as many of the decoder
   * @param maxTokens the longest sequence
   */
  public EncoderDecoder(
      long vocabulary, long width, int depth, long heads, long maxTokens, Randomness random) {
    this.maxTokens = maxTokens;
    tokens = child("tokens", new Embedding(vocabulary, width, random));
    positions = child("positions", new Embedding(maxTokens, width, random));
    for (Embedding table : List.of(tokens, positions)) {
      Init.normal(table.weight(), 0.02, random.stream(Randomness.INIT));
    }
    List<Layer> blocks = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      blocks.add(new TransformerBlock(width, heads, false, random));
      decoder.add(child("decoder" + i, new DecoderBlock(width, heads, random)));
    }
    encoder = child("encoder", new Sequential(blocks));
    encoderNorm = child("encoderNorm", new LayerNorm(width));
    decoderNorm = child("decoderNorm", new LayerNorm(width));
    head = child("head", new Linear(tokens.weight()));
  }

  /**
   * @param source {@code [batch, sourceTokens]}, I64
   * @param target {@code [batch, targetTokens]}, I64: what was written so far
   * @return logits of each next token, {@code [batch, targetTokens, vocabulary]}
   */
  public Tensor forward(Tensor source, Tensor target) {
    return decode(encode(source), target, null);
  }

  /**
   * @param source {@code [batch, sourceTokens]}, I64
   * @return {@code [batch, sourceTokens, width]}
   */
  public Tensor encode(Tensor source) {
    return encoderNorm.forward(encoder.forward(embed(source)));
  }

  /**
   * @param memory {@code [batch, sourceTokens, width]}
   * @param target {@code [batch, targetTokens]}, I64
   * @param mask which of the memory may be seen, broadcast to {@code [batch, heads, targetTokens,
   *     sourceTokens]}, BOOL; or null
   * @return {@code [batch, targetTokens, vocabulary]}
   */
  public Tensor decode(Tensor memory, Tensor target, @Nullable Tensor mask) {
    Tensor x = embed(target);
    for (DecoderBlock block : decoder) x = block.forward(x, memory, mask);
    return head.forward(decoderNorm.forward(x));
  }

  private Tensor embed(Tensor ids) {
    if (ids.size(1) > maxTokens) {
      throw new TensorException(
          "a sequence of %d tokens is longer than %d".formatted(ids.size(1), maxTokens));
    }
    return tokens.forward(ids).add(positions.forward(Tensor.arange(ids.size(1))));
  }

  private static final class DecoderBlock extends Module {
    private final TransformerBlock self;
    private final LayerNorm crossNorm;
    private final MultiHeadAttention cross;

    DecoderBlock(long width, long heads, Randomness random) {
      crossNorm = child("crossNorm", new LayerNorm(width));
      cross = child("cross", new MultiHeadAttention(width, heads, false, random));
      self = child("self", new TransformerBlock(width, heads, true, random));
    }

    Tensor forward(Tensor x, Tensor memory, @Nullable Tensor mask) {
      return self.forward(x.add(cross.forward(crossNorm.forward(x), memory, mask)));
    }
  }
}
