package io.otium.core.nn;

import io.otium.core.tensor.Tensor;

/** {@code x + inner(x)}; the inner layer keeps the shape. */
public final class Residual extends Layer {
  private final Layer inner;

  public Residual(Layer inner) {
    this.inner = child("inner", inner);
  }

  @Override
  protected Tensor compute(Tensor x) {
    return x.add(inner.forward(x));
  }
}
