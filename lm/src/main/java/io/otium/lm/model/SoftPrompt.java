package io.otium.lm.model;

/**
 * Trained numbers that stand before every sequence, as if it began with so many tokens more: they
 * are read as a prompt is, and nobody writes them.
 */
public sealed interface SoftPrompt {
  /** Positions that it takes. */
  int length();

  /** How many numbers each position has. */
  float[] rows();

  /**
   * Embeddings in place of tokens' (prompt tuning, Lester et al., arXiv 2104.08691).
   *
   * @param rows {@code [length, width]}
   */
  record Embeddings(int length, float[] rows) implements SoftPrompt {}

  /**
   * Keys and values of every layer (prefix tuning, Li and Liang, arXiv 2101.00190); keys are not
   * rotated any more.
   *
   * @param rows {@code [length, layers, 2, kvHeads · headDim]}: each layer's keys, then its values
   */
  record Prefix(int length, float[] rows) implements SoftPrompt {}

  /** Numbers that a position must have with a model. */
  default int widthFor(ModelConfig config) {
    return this instanceof Prefix ? 2 * config.layers() * config.kvWidth() : config.width();
  }
}
