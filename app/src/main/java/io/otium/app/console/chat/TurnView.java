package io.otium.app.console.chat;

import java.util.List;

/**
 * A turn as shown.
 *
 * @param html the answer's safe HTML; empty for a user's message, which is shown as typed
 */
public record TurnView(Turn turn, String html) {
  public static TurnView of(Turn turn, Message current) {
    Turn shown = new Turn(current, turn.version(), turn.versions(), turn.previous(), turn.next());
    boolean failed = current.state() == Message.State.FAILED;
    return new TurnView(shown, current.isUser() || failed ? "" : Markdown.html(current.content()));
  }

  public Message message() {
    return turn.message();
  }

  public boolean writing() {
    return message().state() == Message.State.WRITING;
  }

  public boolean failed() {
    return message().state() == Message.State.FAILED;
  }

  public List<Figures.Shown> figures() {
    return message().figures().shown();
  }

  /** Why the answer ended where it did, if that needs a word; else empty. */
  public String ending() {
    return switch (message().state()) {
      case STOPPED -> "stopped";
      case INTERRUPTED -> "interrupted: the server ended while this was written";
      case DONE -> message().figures().finish().equals("length") ? "reached the length limit" : "";
      case WRITING, FAILED -> "";
    };
  }
}
