package io.otium.lm.engine.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/** The vector shapes of this processor, and conversions that the kernels share. */
final class Lanes {
  /**
   * Outputs that stand side by side in a tile of packed weights or keys, whatever the vector width.
   */
  static final int TILE = 16;

  static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** At most a tile wide; narrower processors take a tile in several steps. */
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() >= TILE
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED.length() == 8
              ? FloatVector.SPECIES_256
              : FloatVector.SPECIES_128;

  static final VectorSpecies<Integer> I = F.withLanes(int.class);
  static final VectorSpecies<Short> S =
      F.length() == 16
          ? ShortVector.SPECIES_256
          : F.length() == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
  static final int L = F.length();

  private Lanes() {}

  /** bf16 numbers, rounded to nearest even. */
  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) return (short) ((bits >>> 16) | 0x40);
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The next multiple of {@code unit}. */
  static int pad(int n, int unit) {
    return (n + unit - 1) / unit * unit;
  }
}
