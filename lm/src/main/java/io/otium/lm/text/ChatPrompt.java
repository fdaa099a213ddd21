package io.otium.lm.text;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Tokenises a rendered conversation so that special tokens come from the template alone. A special
 * token's spelling inside a message is broken by a mark, which no template knows and no vocabulary
 * has, before rendering; the mark is taken out again between the special tokens found after.
 */
final class ChatPrompt {
  private final Tokenizer tokenizer;
  private final SpecialTokens special = new SpecialTokens();

  ChatPrompt(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    // Ids without a token (padded vocabularies) spell nothing.
    for (int id : tokenizer.specialIds()) {
      special.add(tokenizer.token(id), id);
    }
  }

  int[] tokens(
      ChatTemplate template,
      List<ChatMessage> messages,
      boolean addGenerationPrompt,
      Map<String, Object> extra) {
    if (messages.stream().noneMatch(m -> special.in(m.content()))) {
      return tokenizer.encode(template.render(messages, addGenerationPrompt, extra), false, true);
    }
    String mark = mark(messages);
    String prompt = template.render(marked(messages, mark), addGenerationPrompt, extra);
    var out = new IntArray();
    special.split(
        prompt,
        new SpecialTokens.Parts() {
          @Override
          public void text(String part, boolean start) {
            for (int id : tokenizer.encode(part.replace(mark, ""), false, false)) {
              out.add(id);
            }
          }

          @Override
          public void special(int id) {
            out.add(id);
          }
        });
    return out.toArray();
  }

  /**
   * The conversation as tokens to learn from.
   *
   * @param learns whether an assistant's message is learnt, by its position
   * @param now what the template takes for the time
   */
  LabelledTokens labelled(
      ChatTemplate template,
      List<ChatMessage> messages,
      IntPredicate learns,
      Map<String, Object> extra,
      LocalDateTime now) {
    String mark = mark(messages);
    var turns =
        new AssistantTurns(
            (part, generate) -> template.render(part, generate, extra, now),
            marked(messages, mark));
    boolean ends = !messages.isEmpty() && messages.getLast().role().equals("assistant");
    return new ChatLabels(tokenizer, special, mark).label(turns, ends, learns);
  }

  private List<ChatMessage> marked(List<ChatMessage> messages, String mark) {
    var marked = new ArrayList<ChatMessage>();
    for (ChatMessage m : messages) {
      marked.add(new ChatMessage(m.role(), marked(m.content(), mark)));
    }
    return marked;
  }

  /** A noncharacter that no message has. */
  private static String mark(List<ChatMessage> messages) {
    for (char c = '\ufdd0'; c <= '\ufded'; c++) {
      String mark = String.valueOf(c);
      if (messages.stream().noneMatch(m -> m.content().contains(mark))) {
        return mark;
      }
    }
    throw new IllegalArgumentException(
        "the conversation has all the characters U+FDD0 to U+FDED, which are no characters");
  }

  private String marked(String content, String mark) {
    var out = new StringBuilder();
    special.split(
        content,
        new SpecialTokens.Parts() {
          @Override
          public void text(String part, boolean start) {
            out.append(part);
          }

          @Override
          public void special(int id) {
            String token = tokenizer.token(id);
            int first = Character.charCount(token.codePointAt(0));
            out.append(token, 0, first).append(mark).append(token, first, token.length());
          }
        });
    // Breaking one spelling may leave another that began inside it.
    String once = out.toString();
    return special.in(once) ? marked(once, mark) : once;
  }
}
