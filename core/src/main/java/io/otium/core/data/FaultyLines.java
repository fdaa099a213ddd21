package io.otium.core.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects what is wrong in a file, counts all of it and quotes the first few. */
final class FaultyLines {
  private static final int QUOTED = 5;
  private static final int LONGEST = 80;

  private final List<String> quoted = new ArrayList<>();
  private long count;

  /**
   * @param unit {@code line} or {@code row}
   * @param reason empty where the sentence says it for all
   */
  void add(String unit, long number, String reason) {
    count++;
    if (quoted.size() < QUOTED) {
      quoted.add(
          unit + " " + grouped(number) + (reason.isEmpty() ? "" : " (" + shorten(reason) + ")"));
    }
  }

  /**
   * Throws if something was added.
   *
   * @param what {@code are broken}
   */
  void refuse(String file, String unit, long total, String what) {
    if (count > 0) {
      throw new DataException(
          "%s: %s of %s %ss %s: %s%s"
              .formatted(
                  file,
                  grouped(count),
                  grouped(total),
                  unit,
                  what,
                  String.join(", ", quoted),
                  count > quoted.size() ? " and " + grouped(count - quoted.size()) + " more" : ""));
    }
  }

  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** The first line of a text, without control characters, cut where it is long. */
  static String shorten(String text) {
    String line = text.lines().findFirst().orElse("").replaceAll("[\\p{Cntrl}]", "�");
    if (line.length() <= LONGEST) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(LONGEST - 2)) ? LONGEST - 2 : LONGEST - 1;
    return line.substring(0, end) + "…";
  }
}
