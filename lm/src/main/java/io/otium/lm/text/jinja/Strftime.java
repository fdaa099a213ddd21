package io.otium.lm.text.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Python's {@code strftime}, in English. */
final class Strftime {
  private Strftime() {}

  static String format(String format, LocalDateTime at, Budget budget) {
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      char directive = format.charAt(++i);
      boolean unpadded = directive == '-' && i + 1 < format.length();
      if (unpadded) {
        directive = format.charAt(++i);
      }
      budget.text(out.length() >> 4);
      String text = directive(directive, at);
      out.append(unpadded ? text.replaceFirst("^0+(?=\\d)", "") : text);
    }
    return out.toString();
  }

  private static String directive(char directive, LocalDateTime at) {
    String pattern =
        switch (directive) {
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'm' -> "MM";
          case 'B' -> "MMMM";
          case 'b', 'h' -> "MMM";
          case 'd' -> "dd";
          case 'e' -> "ppd";
          case 'A' -> "EEEE";
          case 'a' -> "EEE";
          case 'j' -> "DDD";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'f' -> "SSSSSS";
          case 'p' -> "a";
          case 'F' -> "yyyy-MM-dd";
          case 'T', 'X' -> "HH:mm:ss";
          case 'D', 'x' -> "MM/dd/yy";
          case 'R' -> "HH:mm";
          case 'c' -> "EEE MMM ppd HH:mm:ss yyyy";
          default -> "";
        };
    return switch (directive) {
      case '%' -> "%";
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'w' -> String.valueOf(at.getDayOfWeek().getValue() % 7);
      case 'u' -> String.valueOf(at.getDayOfWeek().getValue());
      case 'Z', 'z' -> "";
      default ->
          pattern.isEmpty()
              ? "%" + directive
              : DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(at);
    };
  }
}
