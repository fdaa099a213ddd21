package io.otium.core.nn;

import io.otium.core.tensor.Tensor;
import java.util.function.UnaryOperator;

/** What changes a layer from outside, such as a LoRA adapter: its code stays as it is. */
public abstract class Parametrization extends Module {
  /**
   * @param layer what this is attached to
   * @param base the layer as it is without this
   * @param x the layer's input
   * @return in place of the layer's output
   */
  protected abstract Tensor forward(Layer layer, UnaryOperator<Tensor> base, Tensor x);
}
