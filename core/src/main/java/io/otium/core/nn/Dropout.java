package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;

/** In training, zeros elements by chance and scales the others; else passes everything. */
public final class Dropout extends Layer {
  private final double p;
  private final RandomStream random;

  /**
   * @param p the probability of a zero, 0 to 1
   */
  public Dropout(double p, Randomness random) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout is from 0 to 1, not " + p);
    }
    this.p = p;
    this.random = random.stream(Randomness.DROPOUT);
  }

  @Override
  protected Tensor compute(Tensor x) {
    return isTraining() ? Functional.dropout(x, p, random) : x;
  }
}
