package io.otium.papers;

/** A language model as experiments on its predictions need it. */
public interface Scorer extends AutoCloseable {
  /**
   * Natural logarithms of the next token's probabilities.
   *
   * @param tokens ids, at least one; a text of their own, nothing before them
   * @return {@code [tokens][vocabulary]}: row i given tokens 0 to i
   */
  float[][] logProbs(int[] tokens);

  @Override
  void close();
}
