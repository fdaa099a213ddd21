package io.otium.core.nn;

import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import java.util.function.UnaryOperator;

/** A {@link LowRank} update of a linear layer, which starts at zero. */
public final class Lora extends Parametrization {
  private final Linear linear;
  private final LowRank update;

  /**
   * @param rank of the update
   * @param alpha its strength, relative to the rank
   * @param dropout on the update's input, 0 to 1
   */
  public Lora(Linear layer, long rank, double alpha, double dropout, Randomness random) {
    linear = layer;
    update = LowRank.beginning(layer.weight(), rank, alpha / rank, dropout, false, random);
    Tensor _ = parameter("a", update.a());
    Tensor _ = parameter("b", update.b());
  }

  @Override
  protected Tensor forward(Layer layer, UnaryOperator<Tensor> base, Tensor x) {
    return base.apply(x).add(update.update(linear.weight(), x, isTraining()));
  }

  /** What it adds to the weight, {@code [outputs, inputs]}. */
  public Tensor delta() {
    return update.delta();
  }

  /** Adds the update to the layer's weight; detach it then, or it counts twice. */
  public void mergeInto(Linear layer) {
    try (var _ = new NoGrad()) {
      Tensor _ = layer.weight().copyFrom(update.merged(layer.weight()));
    }
  }
}
