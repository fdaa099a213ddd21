package io.otium.core.nn;

import io.otium.core.tensor.Tensor;
import java.util.List;

/** Layers one after the other, named {@code 0}, {@code 1}, … */
public final class Sequential extends Layer {
  private final List<Layer> layers;

  public Sequential(Layer... layers) {
    this(List.of(layers));
  }

  public Sequential(List<? extends Layer> layers) {
    this.layers = List.copyOf(layers);
    for (int i = 0; i < layers.size(); i++) child(Integer.toString(i), layers.get(i));
  }

  @Override
  protected Tensor compute(Tensor x) {
    Tensor y = x;
    for (Layer layer : layers) y = layer.forward(y);
    return y;
  }
}
