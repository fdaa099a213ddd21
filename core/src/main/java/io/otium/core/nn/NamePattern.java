package io.otium.core.nn;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names by pattern: {@code *} stands for anything but dots, {@code **} for anything, {@code |} for
 * or: {@code blocks.*.attention.**}, {@code **.q|**.v}.
 */
public final class NamePattern {
  private static final int SHOWN = 8;

  private final String pattern;
  private final Pattern compiled;

  public NamePattern(String pattern) {
    this.pattern = pattern;
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '*' && pattern.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^.]*");
      } else if (c == '|') {
        regex.append('|');
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    compiled = Pattern.compile(regex.toString());
  }

  public boolean matches(String name) {
    return compiled.matcher(name).matches();
  }

  /**
   * The names that match.
   *
   * @param what they name, for the message
   * @throws IllegalArgumentException if none does
   */
  public List<String> of(String what, Collection<String> names) {
    List<String> found = names.stream().filter(this::matches).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "the pattern %s matches none of the %d %s: %s"
              .formatted(pattern, names.size(), what, some(names)));
    }
    return found;
  }

  static String some(Collection<String> names) {
    return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (names.size() > SHOWN ? ", … (" + names.size() + ")" : "");
  }
}
