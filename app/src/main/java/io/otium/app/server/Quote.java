package io.otium.app.server;

/** A caller's own words inside a message: short, and on one line. */
public final class Quote {
  private static final int LONGEST = 80;

  private Quote() {}

  public static String of(String text) {
    var quoted = new StringBuilder();
    int[] points = text.codePoints().limit(LONGEST + 1).toArray();
    for (int i = 0; i < Math.min(points.length, LONGEST); i++) {
      boolean plain =
          !Character.isISOControl(points[i]) && Character.getType(points[i]) != Character.SURROGATE;
      quoted.appendCodePoint(plain ? points[i] : 0xFFFD);
    }
    return points.length > LONGEST ? quoted + "…" : quoted.toString();
  }
}
