package io.otium.app.server.embedding;

/** A model that makes vectors of texts. Safe for use by many threads. */
public interface EmbeddingModel extends AutoCloseable {
  /** The name that requests use. */
  String id();

  /** Length of its vectors. */
  int dimensions();

  /** Most tokens of a text, its special ones included. */
  int context();

  /**
   * The tokens of a text, special ones included; may be more than the context.
   *
   * @throws IllegalStateException if the model cannot be loaded, with the reason
   */
  long[] tokens(String text);

  /**
   * The vector of a text, of length 1: {@code [dimensions]}.
   *
   * @param tokens 1 to {@link #context} token ids
   */
  float[] embed(long[] tokens);

  @Override
  void close();
}
