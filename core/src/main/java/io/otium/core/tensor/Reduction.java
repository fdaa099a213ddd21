package io.otium.core.tensor;

/** What a loss function makes of the losses of the single elements. */
public enum Reduction {
  NONE(0),
  MEAN(1),
  SUM(2);

  /** libtorch's. */
  final long code;

  Reduction(long code) {
    this.code = code;
  }
}
