package io.otium.lm.data.smallworld;

import io.otium.core.data.Examples;
import io.otium.lm.text.ChatMessage;
import java.util.List;
import java.util.function.Consumer;

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

  /** Gives out all texts of lessons, as a tokenizer is to learn them. */
  public static Consumer<Consumer<String>> texts(Examples<Lesson> lessons) {
    return sink -> {
      for (int i = 0; i < lessons.size(); i++) lessons.get(i).texts(sink);
    };
  }

  /** Gives out its texts one by one, each role before its words. */
  private void texts(Consumer<String> sink) {
    sink.accept(text);
    for (ChatMessage message : messages) {
      sink.accept(message.role() + "\n");
      sink.accept(message.content());
    }
  }
}
