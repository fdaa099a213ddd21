package io.otium.lm.text;

/** Turns text without special tokens into ids: the part of a tokenizer that differs by kind. */
interface TextEncoder {
  /**
   * Appends the ids of a piece of text.
   *
   * @param start whether nothing, or a special token, stands before the piece
   */
  void encode(String text, boolean start, IntArray out);
}
