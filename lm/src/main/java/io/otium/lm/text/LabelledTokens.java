package io.otium.lm.text;

/**
 * A text as tokens, each with whether a model should learn to say it.
 *
 * @param tokens ids
 * @param learned by token; true for the assistant's words and what ends its turn
 * @param byText whether the template did not leave a content where marks had shown it, so that it
 *     was found by its text alone
 * @param endAdded whether the template ends no last turn, so that an end token was added to it
 */
public record LabelledTokens(int[] tokens, boolean[] learned, boolean byText, boolean endAdded) {
  public LabelledTokens {
    if (tokens.length != learned.length) {
      throw new IllegalArgumentException(
          tokens.length + " tokens have " + learned.length + " labels");
    }
  }

  /** Tokens to learn. */
  public int count() {
    int count = 0;
    for (boolean one : learned) {
      count += one ? 1 : 0;
    }
    return count;
  }
}
