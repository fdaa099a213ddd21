package io.otium.lm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a rendered conversation what the assistant said. A turn begins where the same
 * conversation, cut off before it, would ask for an answer; where a template writes the past
 * otherwise than the present (it drops thoughts, say), at the content itself. The content is found
 * by marks that no text has, put around it before rendering; where the template loses or moves
 * them, by looking for its text.
 */
final class AssistantTurns {
  /**
   * A turn's characters in the rendered conversation.
   *
   * @param start where the model would begin to write
   * @param contentEnd behind the content; what ends the turn comes next
   * @param byMarks whether the content was found by marks, else by its text
   */
  record Turn(int message, int start, int contentEnd, boolean byMarks) {}

  private static final char OPEN = '\ufdee';
  private static final String THOUGHT = "</think>";
  private static final char CLOSE = '\ufdef';

  private final BiFunction<List<ChatMessage>, Boolean, String> render;
  private final List<ChatMessage> messages;
  private final String whole;

  /**
   * @param render renders messages, with or without a generation prompt
   */
  AssistantTurns(
      BiFunction<List<ChatMessage>, Boolean, String> render, List<ChatMessage> messages) {
    this.render = render;
    this.messages = messages;
    this.whole = render.apply(messages, false);
  }

  String whole() {
    return whole;
  }

  /**
   * The turns in order.
   *
   * @throws IllegalArgumentException if one is not to be found
   */
  List<Turn> turns() {
    List<int[]> marked = marked(false);
    if (marked == null) {
      marked = marked(true);
    }
    List<Turn> turns = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < messages.size(); i++) {
      ChatMessage message = messages.get(i);
      if (!message.role().equals("assistant")) {
        // Past it, so that its text is not taken for the assistant's.
        from = Math.max(from, after(message.content(), from));
        continue;
      }
      int prompt = promptEnd(i);
      int[] content = marked == null ? byText(i, Math.max(from, prompt)) : marked.get(turns.size());
      int start = prompt >= 0 && prompt <= content[0] ? prompt : content[0];
      turns.add(new Turn(i, start, content[1], marked != null));
      from = content[1];
    }
    return turns;
  }

  /** Where the prompt for this turn ends, if the whole conversation begins with it; else -1. */
  private int promptEnd(int message) {
    String prompt;
    try {
      prompt = render.apply(messages.subList(0, message), true);
    } catch (IllegalArgumentException e) {
      // A template may refuse a conversation that begins with the assistant.
      return -1;
    }
    return whole.startsWith(prompt) ? prompt.length() : -1;
  }

  /**
   * Contents by marks around them, or null if the template does not leave all of them in place.
   *
   * @param inside whether the marks stand inside of blanks around a content, which templates trim
   */
  private @Nullable List<int[]> marked(boolean inside) {
    List<ChatMessage> with = new ArrayList<>();
    for (ChatMessage message : messages) {
      if (message.content().indexOf(OPEN) >= 0 || message.content().indexOf(CLOSE) >= 0) {
        return null;
      }
      with.add(message.role().equals("assistant") ? mark(message, inside) : message);
    }
    String rendered = render.apply(with, false);
    List<int[]> contents = new ArrayList<>();
    StringBuilder plain = new StringBuilder(rendered.length());
    int open = -1;
    for (int i = 0; i < rendered.length(); i++) {
      char c = rendered.charAt(i);
      if (c == OPEN && open < 0) {
        open = plain.length();
      } else if (c == CLOSE && open >= 0) {
        contents.add(new int[] {open, plain.length()});
        open = -1;
      } else {
        plain.append(c);
      }
    }
    long turns = messages.stream().filter(m -> m.role().equals("assistant")).count();
    return contents.size() == turns && plain.toString().equals(whole) ? contents : null;
  }

  private static ChatMessage mark(ChatMessage message, boolean inside) {
    String content = message.content();
    int from = 0;
    int to = content.length();
    while (inside && from < to && Character.isWhitespace(content.charAt(from))) {
      from++;
    }
    while (inside && to > from && Character.isWhitespace(content.charAt(to - 1))) {
      to--;
    }
    return new ChatMessage(
        message.role(),
        content.substring(0, from)
            + OPEN
            + content.substring(from, to)
            + CLOSE
            + content.substring(to));
  }

  private int[] byText(int message, int from) {
    String content = messages.get(message).content();
    // Of a thinking model's past turns, templates keep what follows the thoughts.
    int thought = content.lastIndexOf(THOUGHT);
    String answer = thought < 0 ? content : content.substring(thought + THOUGHT.length());
    for (String part : List.of(content, content.strip(), answer, answer.strip())) {
      int at = whole.indexOf(part, Math.max(0, from));
      if (at >= 0) {
        return new int[] {at, at + part.length()};
      }
    }
    throw new IllegalArgumentException(
        "the model's chat template does not write message "
            + (message + 1)
            + " (the assistant's \""
            + excerpt(content)
            + "\") as it stands, so it cannot be told what to learn from it");
  }

  private int after(String content, int from) {
    String part = content.strip();
    int at = whole.indexOf(part, from);
    return at < 0 ? from : at + part.length();
  }

  private static String excerpt(String text) {
    String line = text.strip().lines().findFirst().orElse("");
    return line.length() <= 40 ? line : line.substring(0, 40) + "…";
  }
}
