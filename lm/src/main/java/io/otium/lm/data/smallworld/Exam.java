package io.otium.lm.data.smallworld;

import io.otium.lm.text.ChatMessage;
import java.util.List;

/**
 * A question of an examination.
 *
 * @param prompt the chat so far, which ends with the question
 * @param ask the question, its answer, and whether a reply is right
 */
public record Exam(List<ChatMessage> prompt, Ask ask) {
  public Exam {
    prompt = List.copyOf(prompt);
  }
}
