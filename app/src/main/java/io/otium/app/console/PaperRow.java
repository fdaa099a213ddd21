package io.otium.app.console;

import io.otium.papers.Paper;
import java.util.Locale;

/**
 * A published system and what was measured of it.
 *
 * @param state {@code planned}, {@code implemented} or {@code reproduced}
 * @param measured the latest run's figures; empty before one
 */
public record PaperRow(Paper paper, String state, String measured) {
  /** Whether every word is in its text. */
  boolean holds(String words) {
    String text =
        String.join(" ", paper.id(), paper.title(), paper.paper(), paper.claim(), paper.room())
            .toLowerCase(Locale.ROOT);
    for (String word : words.toLowerCase(Locale.ROOT).strip().split("\\s+")) {
      if (!text.contains(word)) {
        return false;
      }
    }
    return true;
  }
}
