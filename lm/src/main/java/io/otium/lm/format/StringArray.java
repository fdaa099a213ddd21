package io.otium.lm.format;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.RandomAccess;

/**
 * Strings decoded when asked for: a vocabulary's tokens and merges are 100,000 strings, and who has
 * a tokenizer already needs none of them. Holds its own bytes, so it outlives the file's mapping.
 */
final class StringArray extends AbstractList<String> implements RandomAccess {
  /** Strings as in the file, each behind its 64-bit length. */
  private final byte[] bytes;

  /** Where each string's text begins in {@link #bytes}. */
  private final int[] starts;

  StringArray(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  @Override
  public String get(int index) {
    int start = starts[index];
    int length = LittleEndian.getInt(bytes, start - Long.BYTES);
    return new String(bytes, start, length, StandardCharsets.UTF_8);
  }

  @Override
  public int size() {
    return starts.length;
  }
}
