package io.otium.lm.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code a.b}, {@code a[b]} and {@code a[b:c:d]}. */
final class Access {
  private Access() {}

  /** A method or field if there is one, else the item of that name. */
  static Object attribute(Object of, String name) {
    Object found = methodOrField(of, name);
    if (found != null) {
      return found;
    }
    Object value = of instanceof Map<?, ?> map ? map.get(name) : null;
    return value == null ? missing(of, name) : value;
  }

  /** The item of that key if there is one, else the method or field of that name. */
  static Object item(Object of, Object key) {
    if (of instanceof Map<?, ?> map) {
      Object value = map.get(Values.key(key));
      if (value != null) {
        return value;
      }
    }
    if (of instanceof List<?> || of instanceof String) {
      if (key instanceof Long || key instanceof Boolean) {
        int size = of instanceof String s ? PyStrings.length(s) : ((List<?>) of).size();
        long i = Values.integer(key);
        long at = i < 0 ? i + size : i;
        if (at < 0 || at >= size) {
          return new Undefined("item " + i + " of a " + Values.typeName(of) + " of length " + size);
        }
        return of instanceof String s
            ? PyStrings.at(s, (int) at)
            : Values.castItems((List<?>) of).get((int) at);
      }
    }
    Object found = key instanceof String name ? methodOrField(of, name) : null;
    return found == null ? missing(of, key) : found;
  }

  private static @Nullable Object methodOrField(Object of, String name) {
    return switch (of) {
      case Undefined u -> throw u.error();
      case String s -> StringMethods.of(s, name);
      case Map<?, ?> map -> dictMethod(map, name);
      case List<?> list -> listMethod(list, name);
      case Namespace n -> n.fields.get(name);
      case Loop loop -> loop.attribute(name);
      default -> null;
    };
  }

  private static Undefined missing(Object of, Object key) {
    if (of instanceof Undefined u) {
      throw u.error();
    }
    return new Undefined("a " + Values.typeName(of) + " has no '" + key + "'");
  }

  private static @Nullable Callable dictMethod(Map<?, ?> map, String name) {
    return switch (name) {
      case "get" ->
          (args, budget) -> {
            Object value = map.get(Values.key(args.get(0, "key")));
            return value == null ? args.get(1, "default", None.NONE) : value;
          };
      case "items" ->
          (args, budget) -> {
            budget.items(map.size());
            return items(map);
          };
      case "keys" ->
          (args, budget) -> {
            budget.items(map.size());
            return new ArrayList<Object>(map.keySet());
          };
      case "values" ->
          (args, budget) -> {
            budget.items(map.size());
            return new ArrayList<Object>(map.values());
          };
      case "copy" -> (args, budget) -> map;
      case "update", "pop", "clear", "setdefault", "popitem" -> refuse(name);
      default -> null;
    };
  }

  static List<Object> items(Map<?, ?> map) {
    var out = new ArrayList<Object>(map.size());
    map.forEach((k, v) -> out.add(new Tuple(k, v)));
    return out;
  }

  private static @Nullable Callable listMethod(List<?> list, String name) {
    return switch (name) {
      case "index" ->
          (args, budget) -> {
            for (int i = 0; i < list.size(); i++) {
              if (Values.equal(list.get(i), args.get(0, "value"), budget)) {
                return (long) i;
              }
            }
            throw new TemplateException("the chat template asks where a list has what it has not");
          };
      case "count" ->
          (args, budget) ->
              list.stream().filter(x -> Values.equal(x, args.get(0, "value"), budget)).count();
      case "copy" -> (args, budget) -> list;
      case "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse" ->
          list instanceof Tuple ? null : refuse(name);
      default -> null;
    };
  }

  private static Callable refuse(String name) {
    return (args, budget) -> {
      throw new TemplateException(
          "the chat template calls '" + name + "', but values may not be changed there");
    };
  }

  static Object slice(
      Object of,
      @Nullable Long start,
      @Nullable Long stop,
      @Nullable Long stepOrNull,
      Budget budget) {
    if (of instanceof Undefined u) {
      throw u.error();
    }
    if (!(of instanceof String) && !(of instanceof List<?>)) {
      throw new TemplateException("the chat template slices a " + Values.typeName(of));
    }
    int size = of instanceof String s ? PyStrings.length(s) : ((List<?>) of).size();
    long step = stepOrNull == null ? 1 : stepOrNull;
    if (step == 0) {
      throw new TemplateException("the chat template slices in steps of 0");
    }
    int low = step > 0 ? 0 : -1;
    int high = step > 0 ? size : size - 1;
    int from = start == null ? (step > 0 ? low : high) : clamp(start, size, low, high);
    int to = stop == null ? (step > 0 ? high : low) : clamp(stop, size, low, high);
    budget.items(Math.max(0, Math.min(Math.abs(to - from), 1 << 20)));
    if (of instanceof String s && step == 1) {
      budget.text(s.length());
      return PyStrings.slice(s, from, Math.max(from, to));
    }
    List<Object> items =
        of instanceof String s ? PyStrings.characters(s) : Values.castItems((List<?>) of);
    var out = new ArrayList<Object>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      out.add(items.get((int) i));
    }
    if (of instanceof String) {
      var text = new StringBuilder();
      out.forEach(text::append);
      return text.toString();
    }
    return of instanceof Tuple ? new Tuple(out) : out;
  }

  private static int clamp(long i, int size, int low, int high) {
    return (int) Math.max(low, Math.min(high, i < 0 ? Math.max(i, -size - 1L) + size : i));
  }
}
