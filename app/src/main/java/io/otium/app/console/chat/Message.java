package io.otium.app.console.chat;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One message in a conversation's tree. Editing or regenerating adds a sibling; nothing is
 * overwritten.
 *
 * @param parent the message it follows; null for a first one
 * @param role {@code user} or {@code assistant}
 * @param content Markdown of an answer, plain text of a user's message, and the sentence of a
 *     failure
 */
public record Message(
    long id,
    String conversation,
    @Nullable Long parent,
    String role,
    String content,
    State state,
    Figures figures,
    long created) {
  /** How an answer stands. */
  public enum State {
    /** Complete; every user's message is. */
    DONE,
    WRITING,
    /** Ended by its reader. */
    STOPPED,
    FAILED,
    /** The server ended while it was written. */
    INTERRUPTED;

    String stored() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State read(String stored) {
      return valueOf(stored.toUpperCase(Locale.ROOT));
    }
  }

  public boolean isUser() {
    return role.equals("user");
  }
}
