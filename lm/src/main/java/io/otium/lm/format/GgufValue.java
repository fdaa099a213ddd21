package io.otium.lm.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A metadata value with the type it has in the file.
 *
 * @param element type of an array's elements; null for all else
 * @param value whole numbers as {@link Long} (a UINT64 beyond its range wraps), {@link Float},
 *     {@link Double}, {@link Boolean}, {@link String}; arrays as {@code int[]} (up to 16 bits and
 *     INT32), {@code long[]}, {@code float[]}, {@code double[]}, {@code boolean[]}, {@code
 *     List<String>} or, nested, {@code List<GgufValue>}
 */
public record GgufValue(GgufType type, @Nullable GgufType element, Object value) {
  public static GgufValue uint32(long value) {
    if (value < 0 || value > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException(value + " is no UINT32; allowed is 0 to 4294967295");
    }
    return new GgufValue(GgufType.UINT32, null, value);
  }

  public static GgufValue int32(int value) {
    return new GgufValue(GgufType.INT32, null, (long) value);
  }

  public static GgufValue uint64(long value) {
    return new GgufValue(GgufType.UINT64, null, value);
  }

  public static GgufValue float32(float value) {
    return new GgufValue(GgufType.FLOAT32, null, value);
  }

  public static GgufValue bool(boolean value) {
    return new GgufValue(GgufType.BOOL, null, value);
  }

  public static GgufValue string(String value) {
    return new GgufValue(GgufType.STRING, null, value);
  }

  public static GgufValue strings(List<String> values) {
    return new GgufValue(GgufType.ARRAY, GgufType.STRING, values);
  }

  public static GgufValue int32s(int[] values) {
    return new GgufValue(GgufType.ARRAY, GgufType.INT32, values);
  }

  public static GgufValue float32s(float[] values) {
    return new GgufValue(GgufType.ARRAY, GgufType.FLOAT32, values);
  }
}
