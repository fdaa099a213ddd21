package io.otium.lm.engine.kernel;

import java.util.Locale;

/** How weights are kept in memory. */
public enum Precision {
  FP32(1, 0),
  BF16(2, 0),
  /** 8 bits and a bf16 scale for each 32 weights of a row: 8.5 bits a weight. */
  INT8(4, 2),
  /** 4 bits, a bf16 step and a bf16 minimum for each 32 weights of a row: 5 bits a weight. */
  INT4(8, 4);

  /** Weights of a row that share a scale. */
  static final int GROUP = 32;

  /** Weights in a 32-bit lane. */
  final int perLane;

  /** Bytes that a row's group spends on scales. */
  final int scaleBytes;

  Precision(int perLane, int scaleBytes) {
    this.perLane = perLane;
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
    return (long) groups * Lanes.TILE * scaleBytes;
  }
}
