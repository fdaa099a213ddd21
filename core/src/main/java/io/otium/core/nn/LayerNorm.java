package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Tensor;

/** Mean 0 and variance 1 over the last dimension, then a learnt scale and shift. */
public final class LayerNorm extends Layer {
  private final Tensor weight;
  private final Tensor bias;
  private final double eps;

  public LayerNorm(long width) {
    this(width, 1e-5);
  }

  public LayerNorm(long width, double eps) {
    this.eps = eps;
    weight = parameter("weight", Tensor.ones(width));
    bias = parameter("bias", Tensor.zeros(width));
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.layerNorm(x, weight, bias, eps);
  }
}
