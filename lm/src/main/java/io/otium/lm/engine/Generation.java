package io.otium.lm.engine;

/** A generation under way. */
public interface Generation {
  /**
   * Ends it before its next token; what was generated so far is the result. Safe to call at any
   * time.
   */
  void cancel();

  boolean isDone();

  /**
   * Waits for the end.
   *
   * @throws IllegalStateException if the generation failed, with the failure as its cause
   */
  GenerationResult await();
}
