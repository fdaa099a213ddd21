package io.otium.lm.text.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Values as Python prints them. */
final class Repr {
  private Repr() {}

  static void append(Object value, StringBuilder out, Budget budget) {
    budget.enter();
    switch (value) {
      case None n -> out.append("None");
      case Boolean b -> out.append(b ? "True" : "False");
      case Long n -> out.append(n);
      case Double d -> out.append(real(d));
      case String s -> text(s, out);
      case List<?> list -> {
        boolean tuple = list instanceof Tuple;
        out.append(tuple ? '(' : '[');
        String separator = "";
        for (Object item : list) {
          out.append(separator);
          append(item, out, budget);
          separator = ", ";
        }
        out.append(tuple && list.size() == 1 ? ",)" : tuple ? ")" : "]");
      }
      case Map<?, ?> map -> {
        out.append('{');
        String separator = "";
        for (var e : map.entrySet()) {
          out.append(separator);
          append(e.getKey(), out, budget);
          out.append(": ");
          append(e.getValue(), out, budget);
          separator = ", ";
        }
        out.append('}');
      }
      case Undefined u -> out.append("Undefined");
      case Namespace n -> out.append("<Namespace>");
      default -> out.append("<function>");
    }
    budget.text(out.length() >> 4);
    budget.leave();
  }

  static String real(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    double size = Math.abs(d);
    if (size != 0 && (size < 1e-4 || size >= 1e16)) {
      String s = new BigDecimal(Double.toString(d)).stripTrailingZeros().unscaledValue().toString();
      boolean negative = s.startsWith("-");
      String digits = negative ? s.substring(1) : s;
      var plain = new BigDecimal(Double.toString(d)).stripTrailingZeros();
      int exponent = digits.length() - 1 - plain.scale();
      return (negative ? "-" : "")
          + digits.charAt(0)
          + (digits.length() > 1 ? "." + digits.substring(1) : "")
          + (exponent < 0 ? "e-" : "e+")
          + (Math.abs(exponent) < 10 ? "0" : "")
          + Math.abs(exponent);
    }
    String s = new BigDecimal(Double.toString(d)).toPlainString();
    return s.contains(".") ? s : s + ".0";
  }

  private static void text(String s, StringBuilder out) {
    char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c == quote) {
            out.append('\\').append(quote);
          } else if (printable(c)) {
            out.appendCodePoint(c);
          } else {
            out.append(
                c < 0x100
                    ? String.format("\\x%02x", c)
                    : c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c));
          }
        }
      }
    }
    out.append(quote);
  }

  private static boolean printable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
