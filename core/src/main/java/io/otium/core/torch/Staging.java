package io.otium.core.torch;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Native memory through which a worker hands rows of floats to an operator. */
public final class Staging implements AutoCloseable {
  private final FloatPointer pointer;
  private final MemorySegment segment;

  public Staging(long floats) {
    LibTorch.require();
    pointer = new FloatPointer(floats);
    segment = MemorySegment.ofAddress(pointer.address()).reinterpret(floats * 4);
  }

  public MemorySegment segment() {
    return segment;
  }

  /**
   * The memory's first rows as a tensor {@code [rows, columns]}, which dies with the open scope.
   *
   * @throws IllegalArgumentException if they do not fit
   */
  Tensor rows(int rows, int columns) {
    return tensor(rows, columns, torch.ScalarType.Float, 4);
  }

  /**
   * The same of bytes.
   *
   * @throws IllegalArgumentException if they do not fit
   */
  Tensor bytes(int rows, int columns) {
    return tensor(rows, columns, torch.ScalarType.Byte, 1);
  }

  private Tensor tensor(int rows, int columns, torch.ScalarType type, int elementBytes) {
    if (rows < 1 || (long) rows * columns * elementBytes > segment.byteSize()) {
      throw new IllegalArgumentException(
          rows + " rows of " + columns + " do not fit the staging memory");
    }
    return torch.from_blob(pointer, new long[] {rows, columns}, new TensorOptions(type));
  }

  /** A product's floats {@code [rows, outputs]}, valid while the tensor lives. */
  static MemorySegment result(Tensor floats, int rows, int outputs) {
    return MemorySegment.ofAddress(floats.data_ptr().address())
        .reinterpret((long) rows * outputs * 4);
  }

  /**
   * Weights as a tensor {@code [outputs, inputs]}, which dies with the open scope.
   *
   * @throws IllegalArgumentException if there are too few
   */
  static Tensor weights(float[] weights, int outputs, int inputs) {
    if (weights.length < (long) outputs * inputs) {
      throw new IllegalArgumentException(
          outputs + "×" + inputs + " weights asked for, only " + weights.length + " given");
    }
    return torch.from_blob(
        new FloatPointer(weights),
        new long[] {outputs, inputs},
        new TensorOptions(torch.ScalarType.Float));
  }

  @Override
  public void close() {
    pointer.close();
  }
}
