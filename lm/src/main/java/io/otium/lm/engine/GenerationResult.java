package io.otium.lm.engine;

/**
 * A finished generation.
 *
 * @param text the whole answer, without stop texts and end tokens
 * @param tokens the tokens generated, the end token included
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of the prompt that came from the prefix cache
 */
public record GenerationResult(
    String text,
    int[] tokens,
    Finish finish,
    int promptTokens,
    int cachedTokens,
    GenerationStats stats) {
  /** Why a generation ended. */
  public enum Finish {
    /** An end token or a stop text. */
    STOP,
    /** The most tokens asked for, or the context's end. */
    LENGTH,
    CANCELLED
  }

  /**
   * What a generation cost.
   *
   * @param queuedMs from submission to the first work on it
   * @param ttftMs from submission to the first token
   * @param promptTokensPerSecond prompt tokens not from the cache, over the time spent on them
   * @param tokensPerSecond tokens after the first, over the time since the first
   * @param promptTokensComputed tokens times layers computed, over layers
   * @param kvSlots cache slots held at the end, mean over layers
   * @param kvBytes bytes of them
   */
  public record GenerationStats(
      double queuedMs,
      double ttftMs,
      double promptTokensPerSecond,
      double tokensPerSecond,
      double promptTokensComputed,
      int kvSlots,
      long kvBytes) {}
}
