package io.otium.lm.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Python's values as Java objects: {@link None}, Boolean, Long, Double, String, List, {@link
 * Tuple}, Map, {@link Namespace}, {@link Callable}, {@link Undefined}; and what Python does with
 * them.
 */
final class Values {
  private Values() {}

  /** A caller's value as one of ours, copied, so that a template cannot change it. */
  static Object of(@Nullable Object value, int depth) {
    if (depth > 64) {
      throw new TemplateException("the values for the chat template nest more than 64 deep");
    }
    return switch (value) {
      case null -> None.NONE;
      case String s -> s;
      case Boolean b -> b;
      case Long n -> n;
      case Integer n -> (long) n;
      case Short n -> (long) n;
      case Byte n -> (long) n;
      case Number n -> n.doubleValue();
      case Map<?, ?> map -> {
        var out = new LinkedHashMap<Object, Object>();
        map.forEach((k, v) -> out.put(of(k, depth + 1), of(v, depth + 1)));
        yield out;
      }
      case Iterable<?> items -> {
        var out = new ArrayList<Object>();
        items.forEach(item -> out.add(of(item, depth + 1)));
        yield out;
      }
      default -> value.toString();
    };
  }

  static String typeName(Object value) {
    return switch (value) {
      case None n -> "None";
      case Boolean b -> "bool";
      case Long n -> "int";
      case Double d -> "float";
      case String s -> "str";
      case Tuple t -> "tuple";
      case List<?> l -> "list";
      case Map<?, ?> m -> "dict";
      case Namespace n -> "namespace";
      case Undefined u -> "undefined value";
      default -> "function";
    };
  }

  static boolean truth(Object value) {
    return switch (value) {
      case None n -> false;
      case Undefined u -> false;
      case Boolean b -> b;
      case Long n -> n != 0;
      case Double d -> d != 0;
      case String s -> !s.isEmpty();
      case List<?> l -> !l.isEmpty();
      case Map<?, ?> m -> !m.isEmpty();
      default -> true;
    };
  }

  static long integer(Object value) {
    return switch (value) {
      case Long n -> n;
      case Boolean b -> b ? 1 : 0;
      case Undefined u -> throw u.error();
      default ->
          throw new TemplateException(
              "the chat template uses a " + typeName(value) + " where a whole number is due");
    };
  }

  /** Whether it is an int, float or bool. */
  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static double real(Object value) {
    return value instanceof Double d ? d : (double) integer(value);
  }

  static boolean equal(Object a, Object b, Budget budget) {
    budget.enter();
    try {
      if (isNumber(a) && isNumber(b)) {
        return a instanceof Double || b instanceof Double
            ? real(a) == real(b)
            : integer(a) == integer(b);
      }
      if (a instanceof List<?> x && b instanceof List<?> y) {
        if (x.size() != y.size() || (x instanceof Tuple) != (y instanceof Tuple)) {
          return false;
        }
        for (int i = 0; i < x.size(); i++) {
          if (!equal(x.get(i), y.get(i), budget)) {
            return false;
          }
        }
        return true;
      }
      if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
        if (x.size() != y.size()) {
          return false;
        }
        for (var e : x.entrySet()) {
          Object other = y.get(e.getKey());
          if (other == null || !equal(e.getValue(), other, budget)) {
            return false;
          }
        }
        return true;
      }
      if (a instanceof String s && b instanceof String t) {
        budget.steps(Math.min(s.length(), t.length()) >> 6);
        return s.equals(t);
      }
      return a instanceof Undefined ? b instanceof Undefined : a == b;
    } finally {
      budget.leave();
    }
  }

  static int compare(Object a, Object b, Budget budget) {
    budget.step();
    if (isNumber(a) && isNumber(b)) {
      return a instanceof Double || b instanceof Double
          ? Double.compare(real(a), real(b))
          : Long.compare(integer(a), integer(b));
    }
    if (a instanceof String s && b instanceof String t) {
      budget.steps(Math.min(s.length(), t.length()) >> 6);
      return compareText(s, t);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      budget.enter();
      try {
        for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
          if (!equal(x.get(i), y.get(i), budget)) {
            return compare(x.get(i), y.get(i), budget);
          }
        }
        return Integer.compare(x.size(), y.size());
      } finally {
        budget.leave();
      }
    }
    refuseUndefined(a, b);
    throw new TemplateException(
        "the chat template compares a " + typeName(a) + " with a " + typeName(b));
  }

  /** By code point; Java's own order differs beyond U+FFFF. */
  private static int compareText(String s, String t) {
    for (int i = 0; i < Math.min(s.length(), t.length()); i++) {
      char x = s.charAt(i);
      char y = t.charAt(i);
      if (x != y) {
        boolean xs = Character.isSurrogate(x);
        return xs == Character.isSurrogate(y) ? Character.compare(x, y) : xs ? 1 : -1;
      }
    }
    return Integer.compare(s.length(), t.length());
  }

  static boolean contains(Object container, Object item, Budget budget) {
    return switch (container) {
      case String s -> {
        if (!(item instanceof String part)) {
          refuseUndefined(item, item);
          throw new TemplateException(
              "the chat template looks for a " + typeName(item) + " in a text");
        }
        budget.steps(s.length() >> 5);
        yield s.contains(part);
      }
      case Map<?, ?> map -> map.containsKey(key(item));
      case List<?> list -> {
        for (Object o : list) {
          if (equal(o, item, budget)) {
            yield true;
          }
        }
        yield false;
      }
      case Undefined u -> false;
      default ->
          throw new TemplateException(
              "the chat template looks for something in a " + typeName(container));
    };
  }

  /** A value as a dict's key: 1, 1.0 and True are one key in Python. */
  static Object key(Object value) {
    return switch (value) {
      case Boolean b -> b ? 1L : 0L;
      case Double d when d == Math.rint(d) && Math.abs(d) < 1e15 -> (long) (double) d;
      case Long n -> n;
      case Double d -> d;
      case String s -> s;
      case None n -> n;
      case Undefined u -> throw u.error();
      default ->
          throw new TemplateException(
              "the chat template uses a " + typeName(value) + " as a key of a dict");
    };
  }

  /** What a loop over the value sees. */
  static List<Object> items(Object value, Budget budget) {
    return switch (value) {
      case List<?> list -> castItems(list);
      case Map<?, ?> map -> {
        budget.items(map.size());
        yield new ArrayList<>(map.keySet());
      }
      case String s -> {
        budget.items(s.length());
        yield PyStrings.characters(s);
      }
      case Undefined u -> List.of();
      default -> throw new TemplateException("the chat template loops over a " + typeName(value));
    };
  }

  @SuppressWarnings("unchecked") // lists hold our values only
  static List<Object> castItems(List<?> list) {
    return (List<Object>) list;
  }

  static void refuseUndefined(Object a, Object b) {
    if (a instanceof Undefined u) {
      throw u.error();
    }
    if (b instanceof Undefined u) {
      throw u.error();
    }
  }

  /** The value as printed by {@code {{ value }}}. */
  static String text(Object value, Budget budget) {
    return switch (value) {
      case String s -> s;
      case Undefined u -> "";
      default -> repr(value, budget);
    };
  }

  /** Python's {@code repr}. */
  static String repr(Object value, Budget budget) {
    var out = new StringBuilder();
    Repr.append(value, out, budget);
    return out.toString();
  }
}
