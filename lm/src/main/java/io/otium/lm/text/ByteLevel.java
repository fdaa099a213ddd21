package io.otium.lm.text;

import org.jspecify.annotations.Nullable;

/**
 * GPT-2's spelling of bytes: printable Latin-1 characters stand for themselves, the other 68 bytes
 * for the characters from U+0100 on, in order.
 */
final class ByteLevel {
  private static final char[] CHARACTERS = new char[256];
  private static final short[] BYTES = new short[256 + 68];

  static {
    java.util.Arrays.fill(BYTES, (short) -1);
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean itself = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      CHARACTERS[b] = itself ? (char) b : next++;
      BYTES[CHARACTERS[b]] = (short) b;
    }
  }

  private ByteLevel() {}

  static char character(int b) {
    return CHARACTERS[b];
  }

  /** The bytes that a token spells; null if it has a character that spells none. */
  static byte @Nullable [] bytes(String token) {
    var out = new byte[token.length()];
    for (int i = 0; i < out.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTES.length || BYTES[c] < 0) {
        return null;
      }
      out[i] = (byte) BYTES[c];
    }
    return out;
  }
}
