package io.otium.lm.engine.kernel;

import java.util.Locale;

/** How weights are kept in memory. */
public enum Precision {
  FP32(1, 1, 0),
  BF16(2, 1, 0),
  /**
   * 8 bits, rotated in blocks of 64 ({@link Hadamard}), and for each 192 weights of a row a scale
   * and the sum of their codes: 8.3 bits a weight. So rounded that sums of bytes, which are all
   * that processors multiply fast, can be taken over a whole group. Measured on SmolLM2 against 32
   * weights a scale without rotation: a third more KL for the weights alone, and a third less where
   * activations are bytes too.
   */
  INT8(4, 6, 8),
  /** 4 bits, a bf16 step and a bf16 minimum for each 32 weights of a row: 5 bits a weight. */
  INT4(8, 1, 4);

  /** Inputs come in groups; rows are padded to whole ones. */
  static final int GROUP = 32;

  /** Inputs that are rotated together, where a row's length allows. */
  static final int BLOCK = 64;

  /** Weights in a 32-bit lane. */
  final int perLane;

  /** Groups that share a scale. */
  final int span;

  /** Bytes that a scale, and what belongs to it, takes for each output. */
  final int scaleBytes;

  Precision(int perLane, int span, int scaleBytes) {
    this.perLane = perLane;
    this.span = span;
    this.scaleBytes = scaleBytes;
  }

  /** As options spell it, e.g. {@code int8}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of a tile: the scales of its groups, then its codes. */
  long tileBytes(int groups) {
    return scalesBytes(groups) + (long) groups * Lanes.TILE * GROUP * 4 / perLane;
  }

  /** Bytes of a tile's scales; its codes begin there. */
  long scalesBytes(int groups) {
    return (long) spans(groups) * Lanes.TILE * scaleBytes;
  }

  /** Scales of a row. */
  int spans(int groups) {
    return (groups + span - 1) / span;
  }
}
