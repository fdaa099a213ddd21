package io.otium.core.nn;

import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;

/**
 * Attention and an MLP of four times the width, each behind a norm: {@code [batch, tokens, width]}.
 */
public final class TransformerBlock extends Layer {
  private final LayerNorm attentionNorm;
  private final MultiHeadAttention attention;
  private final LayerNorm mlpNorm;
  private final Mlp mlp;

  public TransformerBlock(long width, long heads, boolean causal, Randomness random) {
    attentionNorm = child("attentionNorm", new LayerNorm(width));
    attention = child("attention", new MultiHeadAttention(width, heads, causal, random));
    mlpNorm = child("mlpNorm", new LayerNorm(width));
    mlp = child("mlp", new Mlp(Activation.GELU, random, width, 4 * width, width));
  }

  @Override
  protected Tensor compute(Tensor x) {
    Tensor mid = x.add(attention.forward(attentionNorm.forward(x)));
    return mid.add(mlp.forward(mlpNorm.forward(mid)));
  }
}
