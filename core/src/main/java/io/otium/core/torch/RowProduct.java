package io.otium.core.torch;

import java.lang.foreign.MemorySegment;

/** {@code y = x · Wᵀ} by an operator of libtorch, on one thread. */
public interface RowProduct extends AutoCloseable {
  /** Takes a product's result. */
  @FunctionalInterface
  interface Result {
    /**
     * @param y {@code [rows, outputs]}, valid during the call
     */
    void take(MemorySegment y);
  }

  int outputs();

  int inputs();

  /** Whether it takes rows as bytes, as {@link DnnInt8Product} says, and not as floats. */
  default boolean takesBytes() {
    return false;
  }

  /**
   * @param x begins with {@code [rows, inputs]} floats, or bytes
   */
  void multiply(Staging x, int rows, Result result);

  /** Frees the weights; safe to call twice. */
  @Override
  void close();
}
