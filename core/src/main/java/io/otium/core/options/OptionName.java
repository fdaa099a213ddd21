package io.otium.core.options;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** How an option's name is spelled: {@code maxTokens}, {@code max_tokens}, {@code max-tokens}. */
public final class OptionName {
  private OptionName() {}

  /** {@code maxTokens} or {@code MAX_TOKENS} as {@code max_tokens}. */
  static String snake(String name) {
    if (name.equals(name.toUpperCase(Locale.ROOT))) {
      return name.toLowerCase(Locale.ROOT);
    }
    return name.replace('-', '_').replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  /** {@code maxTokens} or {@code MAX_TOKENS} as {@code max-tokens}. */
  static String kebab(String name) {
    return snake(name).replace('_', '-');
  }

  /** The candidate that was probably meant: a few slips of the fingers away, or a beginning. */
  public static Optional<String> nearest(String typed, Collection<String> candidates) {
    // A key from a request may be as long as the request; no option's name is.
    if (typed.length() > 64) {
      return Optional.empty();
    }
    String wanted = kebab(typed);
    return candidates.stream()
        .filter(
            candidate ->
                distance(wanted, kebab(candidate)) <= Math.max(1, candidate.length() / 3)
                    || (wanted.length() >= 3 && kebab(candidate).startsWith(wanted)))
        .min(Comparator.comparingInt(candidate -> distance(wanted, kebab(candidate))));
  }

  /** Levenshtein's edit distance. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}
