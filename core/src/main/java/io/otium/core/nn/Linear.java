package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code weight · x + bias}: {@code [..., inputs]} to {@code [..., outputs]}. */
public final class Linear extends Layer {
  private final Tensor weight;
  private final @Nullable Tensor bias;

  public Linear(long inputs, long outputs, Randomness random) {
    this(inputs, outputs, true, random);
  }

  public Linear(long inputs, long outputs, boolean bias, Randomness random) {
    RandomStream init = random.stream(Randomness.INIT);
    weight =
        parameter("weight", Init.kaimingUniform(Tensor.zeros(outputs, inputs), Math.sqrt(5), init));
    double bound = 1 / Math.sqrt(inputs);
    this.bias =
        bias ? parameter("bias", Init.uniform(Tensor.zeros(outputs), -bound, bound, init)) : null;
  }

  /**
   * With a weight that is there already, such as that of an embedding it shares.
   *
   * @param weight {@code [outputs, inputs]}
   */
  public Linear(Tensor weight) {
    this.weight = parameter("weight", weight);
    bias = null;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.linear(x, weight, bias);
  }

  /** {@code [outputs, inputs]}. */
  public Tensor weight() {
    return weight;
  }

  /** {@code [outputs]}, or null. */
  public @Nullable Tensor bias() {
    return bias;
  }

  public long inputs() {
    return weight.size(1);
  }

  public long outputs() {
    return weight.size(0);
  }
}
