package io.otium.lm.text;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A vocabulary as GGUF describes it: how tokens are spelled, and what kind each is.
 *
 * @param kinds one of the constants below for each token
 */
record Vocabulary(String[] tokens, byte[] kinds, Spelling spelling) {
  static final byte NORMAL = 1;
  static final byte UNKNOWN = 2;
  static final byte CONTROL = 3;
  static final byte USER_DEFINED = 4;
  static final byte UNUSED = 5;
  static final byte BYTE = 6;

  /** How a token's spelling stands for bytes. */
  enum Spelling {
    /** GPT-2's: each byte is a printable character. */
    BYTE_LEVEL,
    /** SentencePiece's: {@code ▁} is a space, {@code <0x0A>} a byte. */
    SENTENCE_PIECE
  }

  int size() {
    return tokens.length;
  }

  boolean special(int id) {
    return kinds[id] == CONTROL || kinds[id] == UNKNOWN;
  }

  /** Ids by spelling, of those tokens that plain text can become; the first wins. */
  Map<String, Integer> textIds() {
    var ids = HashMap.<String, Integer>newHashMap(tokens.length);
    for (int id = 0; id < tokens.length; id++) {
      if (kinds[id] == NORMAL || kinds[id] == USER_DEFINED) {
        ids.putIfAbsent(tokens[id], id);
      }
    }
    return ids;
  }

  /** The bytes that a token stands for. */
  byte[] bytes(int id) {
    String token = tokens[id];
    if (kinds[id] != NORMAL && kinds[id] != BYTE && kinds[id] != UNUSED) {
      return token.getBytes(StandardCharsets.UTF_8);
    }
    if (spelling == Spelling.BYTE_LEVEL) {
      byte[] bytes = ByteLevel.bytes(token);
      return bytes == null ? token.getBytes(StandardCharsets.UTF_8) : bytes;
    }
    Integer b = byteToken(token);
    return b != null
        ? new byte[] {b.byteValue()}
        : token.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }

  /** 10 for {@code <0x0A>}; null for what is no byte token. */
  static @Nullable Integer byteToken(String token) {
    if (token.length() != 6 || !token.startsWith("<0x") || !token.endsWith(">")) {
      return null;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? null : high << 4 | low;
  }
}
