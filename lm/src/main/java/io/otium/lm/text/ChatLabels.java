package io.otium.lm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Tokenises a conversation for training and marks the assistant's tokens, the end of its turns
 * among them.
 *
 * <p>Where the tokenizer allows it, text is cut where a turn begins before it is tokenised, as it
 * is cut when the model answers: the prompt's tokens come first, then the model's own. A tokenizer
 * that puts a space before every text is given whole texts, and a token belongs to the assistant if
 * it has any of its characters.
 */
final class ChatLabels {
  /** A stretch of the rendered conversation that is learnt, or is not. */
  private record Span(int start, int end) {}

  private final Tokenizer tokenizer;
  private final SpecialTokens special;
  private final String mark;

  private final IntArray tokens = new IntArray();

  /** By token, 1 for those to learn. */
  private final IntArray learned = new IntArray();

  /**
   * @param special tokens that only a template may spell
   * @param mark breaks spellings of them in messages; taken out of texts
   */
  ChatLabels(Tokenizer tokenizer, SpecialTokens special, String mark) {
    this.tokenizer = tokenizer;
    this.special = special;
    this.mark = mark;
  }

  /**
   * @param learns whether an assistant's message is learnt, by its position
   */
  LabelledTokens label(AssistantTurns rendered, boolean endsWithAssistant, IntPredicate learns) {
    String whole = rendered.whole();
    List<AssistantTurns.Turn> turns = rendered.turns();
    boolean terminated = turns.isEmpty() || terminated(whole, turns, endsWithAssistant);
    List<Span> spans = new ArrayList<>();
    for (AssistantTurns.Turn turn : turns) {
      if (learns.test(turn.message())) {
        spans.add(new Span(turn.start(), end(whole, turn.contentEnd(), terminated)));
      }
    }
    if (tokenizer.dropsFirstSpace()) {
      tokens(whole, 0, spans);
    } else {
      int at = 0;
      for (Span span : spans) {
        tokens(whole.substring(at, span.start), at, spans);
        tokens(whole.substring(span.start, span.end), span.start, spans);
        at = span.end;
      }
      tokens(whole.substring(at), at, spans);
    }
    boolean endAdded =
        !terminated
            && endsWithAssistant
            && addEnd(whole, turns, learns.test(turns.getLast().message()));
    int[] marks = learned.toArray();
    boolean[] labels = new boolean[marks.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = marks[i] == 1;
    }
    return new LabelledTokens(
        tokens.toArray(), labels, turns.stream().anyMatch(turn -> !turn.byMarks()), endAdded);
  }

  /** The special tokens that follow a content with nothing but blanks between, in order. */
  private List<int[]> following(String whole, int contentEnd) {
    List<int[]> found = new ArrayList<>();
    special.split(
        whole.substring(contentEnd),
        new SpecialTokens.Parts() {
          private int at = contentEnd;
          private boolean open = true;

          @Override
          public void text(String part, boolean start) {
            at += part.length();
            open &= part.isBlank();
          }

          @Override
          public void special(int id) {
            at += tokenizer.token(id).length();
            if (open) {
              found.add(new int[] {id, at});
            }
          }
        });
    return found;
  }

  /**
   * Whether the template ends turns with a special token: the last one then has it, or what follows
   * another is a token that ends answers.
   */
  private boolean terminated(
      String whole, List<AssistantTurns.Turn> turns, boolean endsWithAssistant) {
    List<int[]> last = following(whole, turns.getLast().contentEnd());
    return !last.isEmpty() && (endsWithAssistant || tokenizer.eos().contains(last.getFirst()[0]));
  }

  /** Where a turn ends: behind the first token that ends answers, or else the first special one. */
  private int end(String whole, int contentEnd, boolean terminated) {
    List<int[]> following = following(whole, contentEnd);
    for (int[] token : following) {
      if (tokenizer.eos().contains(token[0])) {
        return token[1];
      }
    }
    if (terminated && !following.isEmpty()) {
      return following.getFirst()[1];
    }
    // Blanks at the very end lead to the end that is added.
    return whole.substring(contentEnd).isBlank() ? whole.length() : contentEnd;
  }

  /** The end that other turns have, or else the tokenizer's own. */
  private boolean addEnd(String whole, List<AssistantTurns.Turn> turns, boolean label) {
    for (AssistantTurns.Turn turn : turns) {
      for (int[] token : following(whole, turn.contentEnd())) {
        if (tokenizer.eos().contains(token[0])) {
          add(token[0], label);
          return true;
        }
      }
    }
    if (tokenizer.eos().isEmpty()) {
      return false;
    }
    add(tokenizer.eos().stream().min(Integer::compare).orElseThrow(), label);
    return true;
  }

  private void add(int id, boolean label) {
    tokens.add(id);
    learned.add(label ? 1 : 0);
  }

  /** Tokens of a part of the rendered conversation that begins at {@code offset}. */
  private void tokens(String text, int offset, List<Span> spans) {
    special.split(
        text,
        new SpecialTokens.Parts() {
          private int at = offset;

          @Override
          public void text(String part, boolean start) {
            plain(part, at, spans);
            at += part.length();
          }

          @Override
          public void special(int id) {
            add(id, in(spans, at, at + 1));
            at += tokenizer.token(id).length();
          }
        });
  }

  private void plain(String part, int offset, List<Span> spans) {
    int[] ids = tokenizer.encode(part.replace(mark, ""), false, false);
    int[] characters = characters(part, offset);
    int total = 0;
    for (int id : ids) {
      total += tokenizer.bytes(id).length;
    }
    int at = characters.length - total;
    for (int id : ids) {
      int end = at + tokenizer.bytes(id).length;
      // Tokens that do not spell their text byte by byte (normalised text) go by their share of it.
      int first = characters[Math.clamp(at, 0, characters.length - 1)];
      int last = characters[Math.clamp(end - 1, 0, characters.length - 1)];
      add(id, in(spans, first, last + 1));
      at = end;
    }
  }

  /** The character of the conversation that each byte of a part belongs to; marks have none. */
  private int[] characters(String part, int offset) {
    IntArray characters = new IntArray();
    for (int i = 0; i < part.length(); ) {
      int c = part.codePointAt(i);
      if (!part.startsWith(mark, i)) {
        // UTF-8; half a surrogate pair becomes a question mark.
        boolean half = Character.charCount(c) == 1 && Character.isSurrogate((char) c);
        int bytes = c < 0x80 || half ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (int b = 0; b < bytes; b++) {
          characters.add(offset + i);
        }
      }
      i += Character.charCount(c);
    }
    return characters.toArray();
  }

  private static boolean in(List<Span> spans, int from, int to) {
    for (Span span : spans) {
      if (from < span.end && to > span.start) {
        return true;
      }
    }
    return false;
  }
}
