package io.otium.lm.text;

import java.util.Map;

/** Tokenizers from the files that models come with. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * The tokenizer that a GGUF file describes.
   *
   * @param metadata the file's keys and values; arrays as Java arrays or lists
   * @throws IllegalArgumentException if the description is incomplete, contradicts itself or is of
   *     a kind that is not supported, in one sentence
   */
  public static Tokenizer fromGguf(Map<String, Object> metadata) {
    return new GgufTokenizer(metadata).build();
  }

  /**
   * Refuses a tokenizer that does not belong to the weights.
   *
   * @param embeddingRows rows of the token embedding; may exceed the vocabulary (padding)
   * @throws IllegalArgumentException if the tokenizer has ids that the weights have no row for
   */
  public static void check(Tokenizer tokenizer, int embeddingRows) {
    if (tokenizer.vocabularySize() > embeddingRows) {
      throw new IllegalArgumentException(
          "the tokenizer has "
              + tokenizer.vocabularySize()
              + " tokens but the weights have embeddings for only "
              + embeddingRows
              + "; they are not of the same model");
    }
  }
}
