package io.otium.lm.engine;

import io.otium.lm.text.StopTexts;
import io.otium.lm.text.StreamDecoder;
import io.otium.lm.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer's text as its tokens come; holds back what may be the start of a stop text or half a
 * character.
 */
final class AnswerText {
  /** What may be shown now, and the tokens that it consists of. */
  record Piece(String text, List<TokenInfo> tokens) {
    boolean isEmpty() {
      return text.isEmpty() && tokens.isEmpty();
    }
  }

  private final StreamDecoder decoder;
  private final StopTexts stop;
  private final StringBuilder text = new StringBuilder();
  private List<TokenInfo> pending = new ArrayList<>();

  AnswerText(Tokenizer tokenizer, List<String> stopTexts) {
    this.decoder = StreamDecoder.continuing(tokenizer);
    this.stop = new StopTexts(stopTexts);
  }

  Piece add(TokenInfo token) {
    pending.add(token);
    return release(stop.add(decoder.add(token.id())));
  }

  /** The rest, at the end. */
  Piece flush() {
    if (stop.found()) return release("");
    return release(stop.add(decoder.flush()) + stop.flush());
  }

  /** Whether a stop text has been met; the text ends before it. */
  boolean isStopped() {
    return stop.found();
  }

  private Piece release(String shown) {
    text.append(shown);
    if (shown.isEmpty()) return new Piece("", List.of());
    var piece = new Piece(shown, List.copyOf(pending));
    pending = new ArrayList<>();
    return piece;
  }

  String text() {
    return text.toString();
  }
}
