package io.otium.lm.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What stands after {@code |}; those that work on lists are in {@link ListFilters}. */
final class Filters {
  private Filters() {}

  static Object apply(String name, Object value, Args args, Budget budget) {
    budget.step();
    return switch (name) {
      case "trim" -> {
        String s = Values.text(value, budget);
        yield args.get(0, "chars", None.NONE) == None.NONE
            ? PyStrings.strip(s)
            : PyStrings.strip(s, args.text(0, "chars"), true, true);
      }
      case "length", "count" -> length(value);
      case "tojson" -> Json.of(value, args, budget);
      case "string" -> Values.text(value, budget);
      case "upper" -> made(Values.text(value, budget).toUpperCase(Locale.ROOT), budget);
      case "lower" -> made(Values.text(value, budget).toLowerCase(Locale.ROOT), budget);
      case "capitalize" -> made(PyStrings.capitalize(Values.text(value, budget)), budget);
      case "title" -> made(title(Values.text(value, budget)), budget);
      case "replace" ->
          StringMethods.replace(
              Values.text(value, budget),
              args.text(0, "old"),
              args.text(1, "new"),
              args.number(2, "count", -1),
              budget);
      case "indent" -> indent(Values.text(value, budget), args, budget);
      case "default", "d" -> {
        boolean missing =
            value instanceof Undefined || (args.flag(1, "boolean", false) && !Values.truth(value));
        yield missing ? args.get(0, "default_value", "") : value;
      }
      case "safe" -> value;
      case "escape", "e", "forceescape" -> escape(Values.text(value, budget), budget);
      case "int" -> toInt(value, args);
      case "float" -> toReal(value, args);
      case "abs" ->
          value instanceof Double d
              ? (Object) Math.abs(d)
              : (Object) Math.abs(Values.integer(value));
      case "round" -> round(value, args);
      case "format" -> Formats.percent(Values.text(value, budget), args.positional(), budget);
      case "center" ->
          StringMethods.pad(
              Values.text(value, budget),
              "center",
              args.positional().isEmpty() && args.named().isEmpty()
                  ? new Args(List.of(80L), Map.of())
                  : args,
              budget);
      case "truncate" -> truncate(Values.text(value, budget), args);
      case "wordcount" ->
          (long) PyStrings.split(Values.text(value, budget), null, -1, false).size();
      case "striptags" ->
          throw new TemplateException("the chat template uses 'striptags', which is not supported");
      case "attr" -> Access.attribute(value, args.text(0, "name"));
      case "items" -> value instanceof Map<?, ?> m ? Access.items(m) : List.of();
      case "dictsort" -> dictsort(value, args, budget);
      default -> ListFilters.apply(name, value, args, budget);
    };
  }

  private static String made(String s, Budget budget) {
    budget.text(s.length());
    return s;
  }

  private static long length(Object value) {
    return switch (value) {
      case String s -> PyStrings.length(s);
      case List<?> l -> l.size();
      case Map<?, ?> m -> m.size();
      case Undefined u -> 0;
      default ->
          throw new TemplateException(
              "the chat template asks for the length of a " + Values.typeName(value));
    };
  }

  private static String title(String s) {
    var out = new StringBuilder(s.length());
    boolean start = true;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      out.append(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
      start = PyStrings.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }
    return out.toString();
  }

  private static String indent(String s, Args args, Budget budget) {
    Object width = args.get(0, "width", 4L);
    String by =
        width instanceof String t
            ? t
            : " ".repeat((int) Math.min(1000, Math.max(0, Values.integer(width))));
    boolean first = args.flag(1, "first", false);
    boolean blank = args.flag(2, "blank", false);
    List<Object> lines = PyStrings.lines(s + "\n", false);
    budget.text(s.length() + (long) lines.size() * by.length());
    var out = new StringBuilder(first ? by : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      if (i > 0) {
        out.append('\n').append(blank || !line.isEmpty() ? by : "");
      }
      out.append(line);
    }
    return out.toString();
  }

  private static String escape(String s, Budget budget) {
    var out = new StringBuilder(s.length());
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&#34;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    budget.text(out.length());
    return out.toString();
  }

  private static Object toInt(Object value, Args args) {
    Object otherwise = args.get(0, "default", 0L);
    if (value instanceof Double d) {
      return d.isNaN() || d.isInfinite() ? otherwise : (Object) d.longValue();
    }
    if (value instanceof String s) {
      String t = PyStrings.strip(s);
      try {
        return Long.parseLong(t, (int) args.number(1, "base", 10));
      } catch (NumberFormatException e) {
        return toReal(t, new Args(List.of(otherwise), Map.of())) instanceof Double d
            ? (Object) d.longValue()
            : otherwise;
      }
    }
    return Values.isNumber(value) ? (Object) Values.integer(value) : otherwise;
  }

  private static Object toReal(Object value, Args args) {
    Object otherwise = args.get(0, "default", 0.0);
    if (value instanceof String s) {
      String t = PyStrings.strip(s);
      if (!t.matches("[+-]?(\\d{1,400}\\.?\\d{0,400}|\\.\\d{1,400})([eE][+-]?\\d{1,5})?")) {
        return otherwise;
      }
      return Double.parseDouble(t);
    }
    return Values.isNumber(value) ? (Object) Values.real(value) : otherwise;
  }

  private static Object round(Object value, Args args) {
    long digits = args.number(0, "precision", 0);
    String method = args.text(1, "method", "common");
    double d = Values.real(value);
    if (Double.isNaN(d) || Double.isInfinite(d) || Math.abs(digits) > 300) {
      return d;
    }
    var mode =
        switch (method) {
          case "ceil" -> java.math.RoundingMode.CEILING;
          case "floor" -> java.math.RoundingMode.FLOOR;
          default -> java.math.RoundingMode.HALF_EVEN;
        };
    return new java.math.BigDecimal(d).setScale((int) digits, mode).doubleValue();
  }

  private static String truncate(String s, Args args) {
    int length = (int) Math.max(0, Math.min(1 << 24, args.number(0, "length", 255)));
    boolean kill = args.flag(1, "killwords", false);
    String end = args.text(2, "end", "...");
    long leeway = args.number(3, "leeway", 5);
    if (PyStrings.length(s) <= length + leeway) {
      return s;
    }
    String cut = PyStrings.slice(s, 0, Math.max(0, length - PyStrings.length(end)));
    int space = cut.lastIndexOf(' ');
    return (kill || space < 0 ? cut : cut.substring(0, space)) + end;
  }

  private static Object dictsort(Object value, Args args, Budget budget) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException(
          "the chat template sorts a " + Values.typeName(value) + " as a dict");
    }
    int by = args.text(1, "by", "key").equals("value") ? 1 : 0;
    var named = new LinkedHashMap<String, Object>();
    named.put("case_sensitive", args.flag(0, "case_sensitive", false));
    named.put("reverse", args.flag(2, "reverse", false));
    named.put("attribute", (long) by);
    return ListFilters.apply(
        "sort", new ArrayList<>(Access.items(map)), new Args(List.of(), named), budget);
  }
}
