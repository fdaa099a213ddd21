package io.otium.core.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Function;

/** A tensor's elements as plain memory. */
final class Elements {
  private static final int SHOWN = 16;

  private Elements() {}

  /** For so many values: of their number if the shape is empty. */
  static Tensor sized(long length, DType type, long... shape) {
    if (shape.length == 0) return Tensor.empty(type, length);
    if (Shapes.numel(shape) != length) {
      throw new TensorException(length + " values do not fill the shape " + Shapes.text(shape));
    }
    return Tensor.empty(type, shape);
  }

  static MemorySegment segment(Tensor tensor) {
    if (!tensor.n.is_contiguous()) {
      throw new TensorException(
          "segment of "
              + Shapes.text(tensor.shape())
              + ": its elements are not in order; call contiguous() first");
    }
    return segment(tensor.n);
  }

  private static MemorySegment segment(org.bytedeco.pytorch.Tensor n) {
    long bytes = n.nbytes();
    if (bytes == 0) return MemorySegment.NULL;
    return MemorySegment.ofAddress(n.data_ptr().address()).reinterpret(bytes);
  }

  static <T> T as(Tensor tensor, DType type, Function<MemorySegment, T> f) {
    try (var typed = tensor.n.to(type.scalarType);
        var ordered = typed.contiguous()) {
      return f.apply(segment(ordered));
    } catch (RuntimeException failure) {
      throw TensorException.of("reading", failure, tensor);
    }
  }

  static String text(Tensor tensor) {
    if (tensor.numel() > SHOWN) return "";
    return " "
        + (tensor.dtype().isFloatingPoint()
            ? Arrays.toString(tensor.toFloats())
            : Arrays.toString(tensor.toLongs()));
  }
}
