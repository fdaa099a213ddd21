package io.otium.lm.data.smallworld;

import io.otium.lm.text.ChatMessage;
import java.util.List;

/**
 * A training text of the small world: a chat, or plain text.
 *
 * @param messages the chat; empty for plain text
 * @param text empty for a chat
 */
public record Lesson(List<ChatMessage> messages, String text) {
  public Lesson {
    messages = List.copyOf(messages);
    if (messages.isEmpty() == text.isEmpty()) {
      throw new IllegalArgumentException("a lesson is a chat or a text");
    }
  }

  public boolean isChat() {
    return !messages.isEmpty();
  }
}
