package io.otium.core.nn;

import io.otium.core.tensor.Tensor;

/** A function of each number between two layers. */
public enum Activation {
  RELU,
  GELU,
  GELU_TANH,
  SILU,
  TANH,
  SIGMOID,
  NONE;

  public Tensor apply(Tensor x) {
    return switch (this) {
      case RELU -> x.relu();
      case GELU -> x.gelu();
      case GELU_TANH -> x.geluTanh();
      case SILU -> x.silu();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
      case NONE -> x;
    };
  }

  public Layer layer() {
    return Layer.of(this::apply);
  }
}
