package io.otium.lm.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds tokens that are taken whole out of a text, before anything else is tokenised. */
final class SpecialTokens {
  private record Entry(String text, int id) {}

  /** By first character; the longest first. */
  private final Map<Character, List<Entry>> byFirst = new HashMap<>();

  void add(String text, int id) {
    if (!text.isEmpty()) {
      List<Entry> entries = byFirst.computeIfAbsent(text.charAt(0), c -> new ArrayList<>());
      entries.add(new Entry(text, id));
      entries.sort(Comparator.comparingInt((Entry e) -> e.text().length()).reversed());
    }
  }

  /** Whether a text spells one. */
  boolean in(String text) {
    for (int i = 0; i < text.length() && !byFirst.isEmpty(); i++) {
      if (at(text, i) != null) {
        return true;
      }
    }
    return false;
  }

  /** Hears of the parts of a text in order. */
  interface Parts {
    void text(String part, boolean start);

    void special(int id);
  }

  void split(String text, Parts parts) {
    int from = 0;
    boolean start = true;
    for (int i = 0; i < text.length() && !byFirst.isEmpty(); ) {
      Entry found = at(text, i);
      if (found == null) {
        i++;
        continue;
      }
      if (i > from) {
        parts.text(text.substring(from, i), start);
      }
      parts.special(found.id());
      start = true;
      i += found.text().length();
      from = i;
    }
    if (from < text.length()) {
      parts.text(text.substring(from), start);
    }
  }

  private @org.jspecify.annotations.Nullable Entry at(String text, int i) {
    for (Entry e : byFirst.getOrDefault(text.charAt(i), List.of())) {
      if (text.startsWith(e.text(), i)) {
        return e;
      }
    }
    return null;
  }
}
