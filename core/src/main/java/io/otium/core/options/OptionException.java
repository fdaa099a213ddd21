package io.otium.core.options;

import java.util.Collection;

/** An option was refused: its message is one sentence with the key, the value, what is allowed. */
public final class OptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String key;
  private final String value;
  private final String allowed;
  private final String reason;

  private OptionException(String key, String value, String allowed, String reason) {
    super(key.isEmpty() ? reason : key + " " + reason);
    this.key = key;
    this.value = value;
    this.allowed = allowed;
    this.reason = reason;
  }

  /**
   * A value that is not allowed; also for a record's own constructor, which checks what concerns
   * several options.
   *
   * @param allowed what the value must be, such as {@code "more than window (8)"}
   */
  public static OptionException invalid(String key, Object value, String allowed) {
    String shown = shorten(String.valueOf(value));
    return new OptionException(key, shown, allowed, "must be " + allowed + ", not " + shown);
  }

  /** A key that does not exist, with the one that was probably meant. */
  public static OptionException unknown(String key, Collection<String> known) {
    String shown = shorten(key);
    String allowed = known.isEmpty() ? "no options" : String.join(", ", known);
    String last = key.substring(key.lastIndexOf('.') + 1);
    String hint =
        OptionName.nearest(last, known).map(name -> "; did you mean " + name + "?").orElse("");
    return new OptionException(
        shown, "", allowed, "is not an option" + hint + " (known: " + allowed + ")");
  }

  /** Anything else that is wrong, as the rest of a sentence that begins with the key. */
  public static OptionException refused(String key, String reason) {
    return new OptionException(key, "", "", reason);
  }

  /** The same, with the key one level down: {@code budget} under {@code kv} is kv.budget. */
  public OptionException under(String prefix) {
    if (prefix.isEmpty()) {
      return this;
    }
    OptionException moved =
        new OptionException(key.isEmpty() ? prefix : prefix + "." + key, value, allowed, reason);
    moved.setStackTrace(getStackTrace());
    return moved;
  }

  /** Path of the offending key, such as {@code otium.kv.budget}; empty for the whole. */
  public String key() {
    return key;
  }

  /** The offending value as text, shortened; empty where there is none. */
  public String value() {
    return value;
  }

  /** What is allowed, in words; empty where that is no list or range. */
  public String allowed() {
    return allowed;
  }

  static String shorten(String text) {
    String line = text.replaceAll("[\\p{Cntrl}]", "�");
    if (line.length() <= 60) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(56)) ? 56 : 57;
    return line.substring(0, end) + "…";
  }
}
