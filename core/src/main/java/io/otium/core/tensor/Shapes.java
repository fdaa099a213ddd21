package io.otium.core.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Shapes in words and checks. */
public final class Shapes {
  /** In an expected shape: any size. */
  public static final long ANY = -1;

  private Shapes() {}

  /** {@code [2, 3]}; {@code *} for {@link #ANY}. */
  public static String text(long... shape) {
    return Arrays.stream(shape)
        .mapToObj(size -> size == ANY ? "*" : Long.toString(size))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** How many elements. */
  public static long numel(long... shape) {
    long product = 1;
    for (long size : shape) {
      if (size < 0) throw new TensorException("a shape has no negative sizes: " + text(shape));
      if (Math.multiplyHigh(product, size) != 0 || product * size < 0) {
        throw new TensorException("a shape of more elements than can be counted: " + text(shape));
      }
      product *= size;
    }
    return product;
  }

  /**
   * Requires a shape.
   *
   * @param name what the tensor is, for the message
   * @param expected sizes, or {@link #ANY}
   * @throws TensorException with both shapes and the name
   */
  public static Tensor require(String name, Tensor tensor, long... expected) {
    long[] shape = tensor.shape();
    boolean same = shape.length == expected.length;
    for (int i = 0; same && i < shape.length; i++) {
      same = expected[i] == ANY || expected[i] == shape[i];
    }
    if (!same) {
      throw new TensorException(
          name + " has the shape " + text(shape) + " where " + text(expected) + " is needed");
    }
    return tensor;
  }

  /**
   * Requires so many dimensions.
   *
   * @param layout what they are, for the message, e.g. {@code [batch, channels, height, width]}
   */
  public static Tensor requireDim(String name, Tensor tensor, int dim, String layout) {
    if (tensor.dim() != dim) {
      throw new TensorException(
          name + " has the shape " + text(tensor.shape()) + " where " + layout + " is needed");
    }
    return tensor;
  }
}
