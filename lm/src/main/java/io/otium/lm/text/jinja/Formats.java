package io.otium.lm.text.jinja;

import java.util.List;

/** The plain forms of {@code '%s' % x} and {@code '{}'.format(x)}. */
final class Formats {
  private Formats() {}

  /** {@code %s %r %d %i %f %.2f %%}. */
  static String percent(String format, List<Object> values, Budget budget) {
    var out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      int end = i + 1;
      while (end < format.length()
          && end < i + 6
          && "0123456789.".indexOf(format.charAt(end)) >= 0) {
        end++;
      }
      char kind = end < format.length() ? format.charAt(end) : ' ';
      String width = format.substring(i + 1, end);
      i = end;
      if (kind == '%') {
        out.append('%');
        continue;
      }
      if (next >= values.size()) {
        throw new TemplateException(
            "the chat template formats '" + format + "' with too few values");
      }
      Object value = values.get(next++);
      String text =
          switch (kind) {
            case 's' -> Values.text(value, budget);
            case 'r' -> Values.repr(value, budget);
            case 'd', 'i' ->
                pad(
                    String.valueOf(
                        value instanceof Double d ? d.longValue() : Values.integer(value)),
                    width);
            case 'f' -> pad(fixed(Values.real(value), width), width.replaceFirst("\\..*", ""));
            default ->
                throw new TemplateException("the chat template formats with '%" + kind + "'");
          };
      budget.text((long) out.length() + text.length());
      out.append(text);
    }
    return out.toString();
  }

  private static String fixed(double value, String width) {
    int dot = width.indexOf('.');
    int digits =
        dot < 0
            ? 6
            : dot + 1 == width.length()
                ? 0
                : Integer.parseInt(width.substring(dot + 1).replace(".", ""));
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Repr.real(value);
    }
    return new java.math.BigDecimal(value)
        .setScale(Math.min(digits, 99), java.math.RoundingMode.HALF_EVEN)
        .toPlainString();
  }

  private static String pad(String text, String width) {
    if (width.isEmpty() || width.contains(".")) {
      return text;
    }
    int n = Integer.parseInt(width) - text.length();
    String fill = width.startsWith("0") ? "0" : " ";
    return n > 0 ? fill.repeat(n) + text : text;
  }

  /** {@code {} {0} {name}}, without format specifications or attributes. */
  static String braces(String format, Args args, Budget budget) {
    var out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      boolean twice = i + 1 < format.length() && format.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && twice) {
        out.append(c);
        i++;
      } else if (c == '{') {
        int end = format.indexOf('}', i);
        String name = end < 0 ? "{" : format.substring(i + 1, end);
        Object value;
        if (name.isEmpty() || (name.length() < 6 && name.chars().allMatch(Character::isDigit))) {
          value = args.get(name.isEmpty() ? next++ : Integer.parseInt(name), "value");
        } else if (args.named().containsKey(name)) {
          value = args.get(Integer.MAX_VALUE, name);
        } else {
          throw new TemplateException(
              "the chat template formats with '{" + name + "}', which is not supported");
        }
        String text = Values.text(value, budget);
        budget.text((long) out.length() + text.length());
        out.append(text);
        i = end;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
