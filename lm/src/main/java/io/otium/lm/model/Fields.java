package io.otium.lm.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration as read from a file, not to be trusted: every value is checked for its kind and
 * range, and refused with its name, itself and what is allowed.
 */
record Fields(Map<String, ? extends @Nullable Object> values) {

  boolean has(String key) {
    return values.get(key) != null;
  }

  int integer(String key, int least, int most) {
    Object value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("the model's configuration has no '" + key + "'");
    }
    return (int) whole(key, value, least, most);
  }

  int integer(String key, int least, int most, int otherwise) {
    return has(key) ? integer(key, least, most) : otherwise;
  }

  double number(String key, double least, double most, double otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number
        && number.doubleValue() >= least
        && number.doubleValue() <= most) {
      return number.doubleValue();
    }
    throw refused(key, value, "a number from " + plain(least) + " to " + plain(most));
  }

  boolean flag(String key, boolean otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw refused(key, value, "true or false");
  }

  String text(String key, String otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof String text) {
      return text;
    }
    throw refused(key, value, "text");
  }

  /** An object inside this one; empty where there is none. */
  Fields inner(String key) {
    Object value = values.get(key);
    if (value == null) {
      return new Fields(Map.of());
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> inner = new java.util.HashMap<>();
      map.forEach(
          (name, it) -> {
            if (it != null) {
              inner.put(String.valueOf(name), it);
            }
          });
      return new Fields(inner);
    }
    throw refused(key, value, "an object");
  }

  /** Refuses what is set to anything but the one value that makes no difference here. */
  void only(String key, Object neutral, String reason) {
    Object value = values.get(key);
    boolean same =
        value instanceof Number number && neutral instanceof Number other
            ? number.doubleValue() == other.doubleValue()
            : value == null || value.equals(neutral);
    if (!same) {
      throw new IllegalArgumentException(
          "'" + key + "' is " + shown(value) + ", which is not supported: " + reason);
    }
  }

  static long whole(String key, Object value, long least, long most) {
    if (value instanceof Number number) {
      double real = number.doubleValue();
      if (real == Math.rint(real) && real >= least && real <= most) {
        return number.longValue();
      }
    }
    throw refused(key, value, "a whole number from " + least + " to " + most);
  }

  static IllegalArgumentException refused(String key, Object value, String allowed) {
    return new IllegalArgumentException(
        "'" + key + "' is " + shown(value) + "; it must be " + allowed);
  }

  /** A value short enough for a sentence. */
  static String shown(@Nullable Object value) {
    if (value != null && value.getClass().isArray()) {
      return "an array of " + java.lang.reflect.Array.getLength(value);
    }
    String text = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
