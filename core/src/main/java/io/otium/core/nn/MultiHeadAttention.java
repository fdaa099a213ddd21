package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Attention with several heads, of a sequence to itself or to another (Vaswani et al. 2017). */
public final class MultiHeadAttention extends Layer {
  private final long headDim;
  private final boolean causal;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear out;

  /**
   * @param causal each token sees those up to itself
   */
  public MultiHeadAttention(long width, long heads, boolean causal, Randomness random) {
    this(width, heads, heads, causal, random);
  }

  /**
   * @param kvHeads heads of keys and values, which divide the others; each serves a group of
   *     queries
   */
  public MultiHeadAttention(
      long width, long heads, long kvHeads, boolean causal, Randomness random) {
    if (heads < 1 || width % heads != 0 || kvHeads < 1 || heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "%d heads of %d key-value heads do not divide a width of %d"
              .formatted(heads, kvHeads, width));
    }
    this.causal = causal;
    headDim = width / heads;
    q = child("q", new Linear(width, width, random));
    k = child("k", new Linear(width, kvHeads * headDim, random));
    v = child("v", new Linear(width, kvHeads * headDim, random));
    out = child("out", new Linear(width, width, random));
  }

  /**
   * A sequence to itself.
   *
   * @param x {@code [batch, tokens, width]}
   */
  @Override
  protected Tensor compute(Tensor x) {
    return attend(x, x, null, causal);
  }

  /**
   * A sequence to another, or to itself with a mask.
   *
   * @param x {@code [batch, queries, width]}
   * @param memory {@code [batch, keys, width]}
   * @param mask broadcast to {@code [batch, heads, queries, keys]}, BOOL, true where attention may
   *     go; or null
   * @return {@code [batch, queries, width]}
   */
  public Tensor forward(Tensor x, Tensor memory, @Nullable Tensor mask) {
    return attend(x, memory, mask, false);
  }

  private Tensor attend(Tensor x, Tensor memory, @Nullable Tensor mask, boolean causal) {
    Tensor mixed =
        Functional.scaledDotProductAttention(
            heads(q.forward(x)),
            heads(k.forward(memory)),
            heads(v.forward(memory)),
            mask,
            causal,
            null);
    return out.forward(mixed.transpose(1, 2).flatten(2, 3));
  }

  /** {@code [batch, tokens, heads · headDim]} to {@code [batch, heads, tokens, headDim]}. */
  private Tensor heads(Tensor x) {
    return x.unflatten(2, -1, headDim).transpose(1, 2);
  }
}
