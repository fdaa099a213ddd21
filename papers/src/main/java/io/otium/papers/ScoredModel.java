package io.otium.papers;

/** A model that can be opened at several precisions of its weights. */
public interface ScoredModel {
  /** Its name, for results. */
  String name();

  int[] tokenize(String text);

  /**
   * @param weights {@code fp32}, {@code bf16}, {@code int8} or {@code int4}
   */
  Scorer open(String weights);
}
