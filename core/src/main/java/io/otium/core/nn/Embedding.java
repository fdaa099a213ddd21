package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;

/** A vector for each index: {@code [...]}, I64, to {@code [..., width]}. */
public final class Embedding extends Layer {
  private final Tensor weight;

  public Embedding(long rows, long width, Randomness random) {
    weight =
        parameter(
            "weight", Init.normal(Tensor.zeros(rows, width), 1, random.stream(Randomness.INIT)));
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.embedding(x, weight);
  }

  /** {@code [rows, width]}. */
  public Tensor weight() {
    return weight;
  }
}
