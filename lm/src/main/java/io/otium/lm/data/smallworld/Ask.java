package io.otium.lm.data.smallworld;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A question with its answer.
 *
 * @param topic the case that it is about, such as {@code sum 37 45}: the same for all phrasings
 * @param answer a whole sentence
 * @param key what an answer must have to be right: a word, a number, or all of it
 * @param heldOut whether it is kept for examination; no training text then has it
 */
public record Ask(
    Ability ability, String topic, String question, String answer, String key, boolean heldOut) {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int HELD_OUT_ONE_IN = 10;

  /** A case that is held out if its name says so: one in ten, the same for every seed. */
  static Ask of(Ability ability, String topic, String question, String answer, String key) {
    return new Ask(ability, topic, question, answer, key, heldOut(topic));
  }

  /** A case that is always taught. */
  static Ask taught(Ability ability, String topic, String question, String answer, String key) {
    return new Ask(ability, topic, question, answer, key, false);
  }

  /** Whether a case is kept for examination. */
  static boolean heldOut(String topic) {
    // A string's hash is specified; its low bits alone say little about short texts.
    int hash = topic.hashCode() * 0x9e3779b9;
    return Integer.remainderUnsigned(hash >>> 8, HELD_OUT_ONE_IN) == 0;
  }

  /** Whether a reply is right: its words may differ, the key may not. */
  public boolean right(String reply) {
    String said = reply.strip();
    if (ability == Ability.INSTRUCTIONS && answer.equals(key)) {
      return said.equals(key);
    } else if (key.equals("Yes") || key.equals("No")) {
      return said.matches("(?i)" + key + "\\b.*");
    } else if (NUMBER.matcher(key).matches()) {
      String last = "";
      for (Matcher number = NUMBER.matcher(said); number.find(); ) {
        last = number.group();
      }
      return last.equals(key);
    }
    return Pattern.compile("(?<!\\w)" + Pattern.quote(key.toLowerCase(Locale.ROOT)) + "(?!\\w)")
        .matcher(said.toLowerCase(Locale.ROOT))
        .find();
  }
}
