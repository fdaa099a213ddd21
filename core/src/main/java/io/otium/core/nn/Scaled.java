package io.otium.core.nn;

import io.otium.core.tensor.Tensor;
import java.util.function.UnaryOperator;

/** A constant factor on a layer's output, as µP puts on the last layer. */
public final class Scaled extends Parametrization {
  private final double factor;

  public Scaled(double factor) {
    this.factor = factor;
  }

  @Override
  protected Tensor forward(Layer layer, UnaryOperator<Tensor> base, Tensor x) {
    return base.apply(x).mul(factor);
  }
}
