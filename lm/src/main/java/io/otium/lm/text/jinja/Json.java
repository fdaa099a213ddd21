package io.otium.lm.text.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code tojson} as transformers spells it: Python's {@code json.dumps}, nothing escaped for HTML.
 */
final class Json {
  private final StringBuilder out = new StringBuilder();
  private final Budget budget;
  private final boolean ascii;
  private final boolean sort;
  private final String indent;
  private final boolean lines;
  private final String itemSeparator;
  private final String keySeparator;

  private Json(Args args, Budget budget) {
    this.budget = budget;
    ascii = args.flag(0, "ensure_ascii", false);
    Object i = args.get(1, "indent", None.NONE);
    lines = i != None.NONE;
    String step =
        i instanceof String s
            ? s
            : lines ? " ".repeat((int) Math.min(Math.max(0, Values.integer(i)), 64)) : "";
    indent = step;
    Object separators = args.get(2, "separators", None.NONE);
    if (separators instanceof List<?> l
        && l.size() == 2
        && l.get(0) instanceof String a
        && l.get(1) instanceof String b) {
      itemSeparator = a;
      keySeparator = b;
    } else {
      itemSeparator = lines ? "," : ", ";
      keySeparator = ": ";
    }
    sort = args.flag(3, "sort_keys", false);
  }

  static String of(Object value, Args args, Budget budget) {
    var json = new Json(args, budget);
    json.value(value, 0);
    return json.out.toString();
  }

  private void value(Object value, int depth) {
    budget.enter();
    budget.text(out.length() >> 6);
    switch (value) {
      case None n -> out.append("null");
      case Boolean b -> out.append(b);
      case Long n -> out.append(n);
      case Double d ->
          out.append(
              d.isNaN()
                  ? "NaN"
                  : d.isInfinite() ? (d > 0 ? "Infinity" : "-Infinity") : Repr.real(d));
      case String s -> text(s);
      case List<?> list -> {
        out.append('[');
        boolean first = true;
        for (Object item : list) {
          separate(first, depth + 1);
          first = false;
          value(item, depth + 1);
        }
        end(first, depth);
        out.append(']');
      }
      case Map<?, ?> map -> {
        out.append('{');
        boolean first = true;
        for (var e : (sort ? sorted(map) : map).entrySet()) {
          separate(first, depth + 1);
          first = false;
          text(key(e.getKey()));
          out.append(keySeparator);
          value(e.getValue(), depth + 1);
        }
        end(first, depth);
        out.append('}');
      }
      case Undefined u -> throw u.error();
      default ->
          throw new TemplateException(
              "the chat template writes a " + Values.typeName(value) + " as JSON");
    }
    budget.leave();
  }

  private static Map<?, ?> sorted(Map<?, ?> map) {
    var out = new TreeMap<String, Object>();
    map.forEach((k, v) -> out.put(key(k), v));
    return out;
  }

  private static String key(Object key) {
    return switch (key) {
      case String s -> s;
      case None n -> "null";
      case Double d -> Repr.real(d);
      default -> key.toString();
    };
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(itemSeparator);
    }
    newLine(depth);
  }

  private void end(boolean empty, int depth) {
    if (!empty) {
      newLine(depth);
    }
  }

  private void newLine(int depth) {
    if (lines) {
      budget.text((long) depth * indent.length());
      out.append('\n').repeat(indent, depth);
    }
  }

  private void text(String s) {
    budget.text(s.length());
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
