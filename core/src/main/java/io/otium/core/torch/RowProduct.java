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

  /**
   * @param x begins with {@code [rows, inputs]} floats
   */
  void multiply(Staging x, int rows, Result result);

  /** Frees the weights; safe to call twice. */
  @Override
  void close();
}
