package io.otium.lm.engine;

import java.util.List;

/** Hears of a generation as it proceeds; called from the engine's thread, in order. */
public interface GenerationListener {
  /** Does nothing; for callers that only want the {@link Generation}'s result. */
  GenerationListener NONE = new GenerationListener() {};

  /**
   * The prompt's own log-probabilities, if {@link GenerateOptions#echo} and logprobs were asked
   * for; the first token's is NaN.
   */
  default void onPrompt(List<TokenInfo> tokens) {}

  /**
   * The next piece of text, and the tokens it consists of. Text is held back while it could be the
   * start of a stop text or is an incomplete UTF-8 character, so a piece may carry several tokens.
   * Never called with what stands at or after a stop text.
   */
  default void onText(String text, List<TokenInfo> tokens) {}

  /** The last call: the generation has ended, in whatever way but an error. */
  default void onDone(GenerationResult result) {}

  /** The last call: the generation failed. */
  default void onError(Throwable error) {}
}
