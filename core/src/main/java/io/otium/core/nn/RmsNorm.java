package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Tensor;

/** Root mean square 1 over the last dimension, then a learnt scale (Zhang and Sennrich 2019). */
public final class RmsNorm extends Layer {
  private final Tensor weight;
  private final double eps;

  public RmsNorm(long width, double eps) {
    this.eps = eps;
    weight = parameter("weight", Tensor.ones(width));
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.rmsNorm(x, weight, eps);
  }
}
