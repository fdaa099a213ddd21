package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code [batch, inputs, length]} to {@code [batch, outputs, length]}. */
public final class Conv1d extends Layer {
  private final Convolution shape;
  private final Tensor weight;
  private final @Nullable Tensor bias;

  /**
   * @param inputs channels
   * @param outputs channels
   */
  public Conv1d(long inputs, long outputs, Convolution shape, Randomness random) {
    this.shape = shape;
    RandomStream init = random.stream(Randomness.INIT);
    Tensor kernel = Tensor.zeros(outputs, inputs / shape.groups(), shape.kernel());
    weight = parameter("weight", Init.kaimingUniform(kernel, Math.sqrt(5), init));
    double bound = 1 / Math.sqrt(Init.fanIn(kernel));
    bias =
        shape.bias()
            ? parameter("bias", Init.uniform(Tensor.zeros(outputs), -bound, bound, init))
            : null;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.conv1d(
        x, weight, bias, shape.stride(), shape.padding(), shape.dilation(), shape.groups());
  }
}
