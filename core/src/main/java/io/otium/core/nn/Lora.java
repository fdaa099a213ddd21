package io.otium.core.nn;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * A low-rank update of a linear layer (Hu et al. 2021): {@code W x + (alpha / rank) · B A x}. It
 * starts at zero, since B does.
 */
public final class Lora extends Parametrization {
  private final Tensor a;
  private final Tensor b;
  private final double scale;
  private final double dropout;
  private final RandomStream dropped;

  /**
   * @param rank of the update
   * @param alpha its strength, relative to the rank
   * @param dropout on the update's input, 0 to 1
   */
  public Lora(Linear layer, long rank, double alpha, double dropout, Randomness random) {
    this.dropout = dropout;
    scale = alpha / rank;
    dropped = random.stream(Randomness.DROPOUT);
    DType type = layer.weight().dtype();
    Tensor down = Tensor.empty(type, rank, layer.inputs());
    a = parameter("a", Init.kaimingUniform(down, Math.sqrt(5), random.stream(Randomness.INIT)));
    b = parameter("b", Tensor.zeros(type, layer.outputs(), rank));
  }

  @Override
  protected Tensor forward(Layer layer, UnaryOperator<Tensor> base, Tensor x) {
    Tensor in = isTraining() ? Functional.dropout(x, dropout, dropped) : x;
    Tensor update = Functional.linear(Functional.linear(in, a, null), b, null);
    return base.apply(x).add(update, scale);
  }

  /** What it adds to the weight, {@code [outputs, inputs]}. */
  public Tensor delta() {
    return b.matmul(a).mul(scale);
  }

  /** Adds the update to the layer's weight; detach it then, or it counts twice. */
  public void mergeInto(Linear layer) {
    try (var _ = new NoGrad()) {
      layer.weight().addmmInPlace(b, a, 1, scale);
    }
  }
}
