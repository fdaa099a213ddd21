package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.engine.TokenInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How choices look: chat and completions differ in nothing else. One object a request. */
interface AnswerFormat {
  /** Start of the answer's id, such as {@code chatcmpl-}. */
  String idPrefix();

  /** The {@code object} field of a whole answer, or of a piece of a stream. */
  String objectName(boolean piece);

  /**
   * One whole choice.
   *
   * @param prompt the prompt's tokens where their log-probabilities were asked for, else empty
   * @param tokens those of the text
   */
  ObjectNode whole(
      int index, String text, List<TokenInfo> prompt, List<TokenInfo> tokens, String finish);

  /**
   * A stream's first piece of a choice, before any text; null if there is none.
   *
   * @param prompt as in {@link #whole}
   */
  @Nullable ObjectNode opening(int index, List<TokenInfo> prompt);

  /** A stream's next piece of text. */
  ObjectNode piece(int index, String text, List<TokenInfo> tokens);

  /** A stream's last piece of a choice. */
  ObjectNode closing(int index, String finish);
}
