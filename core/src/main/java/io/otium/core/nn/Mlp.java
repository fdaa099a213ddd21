package io.otium.core.nn;

import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Linear layers with an activation between them: {@code [..., first]} to {@code [..., last]}. */
public final class Mlp extends Layer {
  private final Activation activation;
  private final List<Linear> layers = new ArrayList<>();

  /**
   * @param sizes of the input, each hidden layer and the output, e.g. 784, 256, 10
   */
  public Mlp(Activation activation, Randomness random, long... sizes) {
    if (sizes.length < 2) throw new IllegalArgumentException("an MLP has an input and an output");
    this.activation = activation;
    for (int i = 1; i < sizes.length; i++) {
      layers.add(child(Integer.toString(i - 1), new Linear(sizes[i - 1], sizes[i], random)));
    }
  }

  @Override
  protected Tensor compute(Tensor x) {
    Tensor y = layers.getFirst().forward(x);
    for (Linear layer : layers.subList(1, layers.size())) {
      y = layer.forward(activation.apply(y));
    }
    return y;
  }
}
