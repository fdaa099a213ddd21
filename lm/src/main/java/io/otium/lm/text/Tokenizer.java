package io.otium.lm.text;

import java.util.Set;

/** Text to token ids and back, as the model was trained. Safe for use by many threads. */
public interface Tokenizer extends AutoCloseable {
  /**
   * Ids in {@code [0, vocabularySize)}; may exceed the number of named tokens (padded embeddings).
   */
  int vocabularySize();

  /**
   * Token ids of a text.
   *
   * @param addSpecial whether to add what the tokenizer adds around a text by itself (such as BOS)
   * @param parseSpecial whether text that spells a special token (such as {@code <|im_end|>})
   *     becomes that token; false for text that a user typed
   */
  int[] encode(String text, boolean addSpecial, boolean parseSpecial);

  /** Text of the ids; invalid UTF-8 becomes U+FFFD. */
  String decode(int[] ids, boolean skipSpecial);

  /** The token as the vocabulary spells it, e.g. {@code Ġhello}; throws for ids outside. */
  String token(int id);

  /** The bytes that a token stands for in decoded text (may be part of a UTF-8 character). */
  byte[] bytes(int id);

  boolean isSpecial(int id);

  /** Ids of all special tokens. */
  default int[] specialIds() {
    return java.util.stream.IntStream.range(0, vocabularySize()).filter(this::isSpecial).toArray();
  }

  /**
   * Whether encoding puts a space before a text and {@link #decode} takes it away again
   * (SentencePiece); the {@link #bytes} of a first token then have a space too many.
   */
  default boolean dropsFirstSpace() {
    return false;
  }

  /** Id of the begin-of-sequence token, or -1. */
  int bos();

  /** Ids that end an answer; at least one for a chat model. */
  Set<Integer> eos();

  @Override
  void close();
}
