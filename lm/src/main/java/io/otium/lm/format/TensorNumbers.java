package io.otium.lm.format;

/**
 * A named tensor whose numbers are read some at a time, so that it can be written without standing
 * in memory as a whole: one of a file ({@link TensorData}), or one that is put together from others
 * while it is written.
 */
public interface TensorNumbers {
  String name();

  /** Row-major, outermost dimension first; empty for a scalar. */
  long[] shape();

  /** How many numbers the tensor has. */
  default long elements() {
    return TensorData.elements(shape());
  }

  /**
   * Writes {@code count} numbers from {@code firstElement} on into {@code out}.
   *
   * @throws IndexOutOfBoundsException if the range leaves the tensor or {@code out}
   */
  void copyFloats(long firstElement, float[] out, int offset, int count);
}
