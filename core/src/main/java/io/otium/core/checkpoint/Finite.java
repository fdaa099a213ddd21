package io.otium.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Finds NaN and infinity: floating-point numbers whose exponent is all ones. Looks at the largest
 * exponent of a block, so that the common case costs one comparison a block.
 */
final class Finite {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Finite() {}

  /** Whether any number is NaN or infinite; never for integers and 8-bit types. */
  static boolean hasNonFinite(StateType type, MemorySegment bytes) {
    return switch (type) {
      case F64 -> hasLong(bytes, 0x7ff0_0000_0000_0000L);
      case F32 -> hasInt(bytes, 0x7f80_0000);
      case F16 -> hasShort(bytes, (short) 0x7c00);
      case BF16 -> hasShort(bytes, (short) 0x7f80);
      default -> false;
    };
  }

  private static boolean hasLong(MemorySegment bytes, long exponent) {
    for (long at = 0; at < bytes.byteSize(); at += Long.BYTES) {
      if ((bytes.get(LONG, at) & exponent) == exponent) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasInt(MemorySegment bytes, int exponent) {
    long size = bytes.byteSize();
    long whole = size - size % INTS.vectorByteSize();
    IntVector most = IntVector.zero(INTS);
    for (long at = 0; at < whole; at += INTS.vectorByteSize()) {
      IntVector bits =
          IntVector.fromMemorySegment(INTS, bytes, at, ByteOrder.LITTLE_ENDIAN).and(exponent);
      most = most.max(bits);
    }
    boolean found = most.eq(exponent).anyTrue();
    for (long at = whole; at < size; at += Integer.BYTES) {
      found |= (bytes.get(INT, at) & exponent) == exponent;
    }
    return found;
  }

  private static boolean hasShort(MemorySegment bytes, short exponent) {
    long size = bytes.byteSize();
    long whole = size - size % SHORTS.vectorByteSize();
    ShortVector most = ShortVector.zero(SHORTS);
    for (long at = 0; at < whole; at += SHORTS.vectorByteSize()) {
      ShortVector bits =
          ShortVector.fromMemorySegment(SHORTS, bytes, at, ByteOrder.LITTLE_ENDIAN).and(exponent);
      most = most.max(bits);
    }
    boolean found = most.eq(exponent).anyTrue();
    for (long at = whole; at < size; at += Short.BYTES) {
      found |= (bytes.get(SHORT, at) & exponent) == exponent;
    }
    return found;
  }
}
