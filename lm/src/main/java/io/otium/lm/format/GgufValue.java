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
  public GgufValue {
    String fault = type == GgufType.ARRAY ? arrayFault(element, value) : scalarFault(type, value);
    if (fault != null) throw new IllegalArgumentException(fault);
  }

  /** A single value, in the class that {@link #value()} names for its type. */
  public static GgufValue of(GgufType type, Object value) {
    return new GgufValue(type, null, value);
  }

  /** An array, in the class that {@link #value()} names for its element type. */
  public static GgufValue array(GgufType element, Object values) {
    return new GgufValue(GgufType.ARRAY, element, values);
  }

  public static GgufValue uint32(long value) {
    return of(GgufType.UINT32, value);
  }

  public static GgufValue float32(float value) {
    return of(GgufType.FLOAT32, value);
  }

  public static GgufValue bool(boolean value) {
    return of(GgufType.BOOL, value);
  }

  public static GgufValue string(String value) {
    return of(GgufType.STRING, value);
  }

  public static GgufValue strings(List<String> values) {
    return array(GgufType.STRING, values);
  }

  private static @Nullable String scalarFault(GgufType type, Object value) {
    return switch (type) {
      case UINT8 -> rangeFault(type, value, 0, 0xFF);
      case INT8 -> rangeFault(type, value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case UINT16 -> rangeFault(type, value, 0, 0xFFFF);
      case INT16 -> rangeFault(type, value, Short.MIN_VALUE, Short.MAX_VALUE);
      case UINT32 -> rangeFault(type, value, 0, 0xFFFF_FFFFL);
      case INT32 -> rangeFault(type, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case UINT64, INT64 -> rangeFault(type, value, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT32 -> classFault(type, value, Float.class);
      case FLOAT64 -> classFault(type, value, Double.class);
      case BOOL -> classFault(type, value, Boolean.class);
      case STRING -> classFault(type, value, String.class);
      case ARRAY -> throw new AssertionError("arrays are checked elsewhere");
    };
  }

  private static @Nullable String arrayFault(@Nullable GgufType element, Object value) {
    if (element == null) return "an array needs the type of its elements";
    return switch (element) {
      case UINT8, INT8, UINT16, INT16, INT32 -> classFault(element, value, int[].class);
      case UINT32, UINT64, INT64 -> classFault(element, value, long[].class);
      case FLOAT32 -> classFault(element, value, float[].class);
      case FLOAT64 -> classFault(element, value, double[].class);
      case BOOL -> classFault(element, value, boolean[].class);
      case STRING, ARRAY -> classFault(element, value, List.class);
    };
  }

  private static @Nullable String classFault(GgufType type, Object value, Class<?> allowed) {
    if (allowed.isInstance(value)) return null;
    return "%s is given as %s; allowed is %s"
        .formatted(type, value.getClass().getSimpleName(), allowed.getSimpleName());
  }

  private static @Nullable String rangeFault(GgufType type, Object value, long least, long most) {
    if (!(value instanceof Long number)) return classFault(type, value, Long.class);
    if (number >= least && number <= most) return null;
    return "%d is no %s; allowed is %d to %d".formatted(number, type, least, most);
  }
}
