package io.otium.lm.engine;

/**
 * One request to the engine.
 *
 * @param prompt token ids, at least one
 * @param hook what a method sees and changes in this sequence's forward pass; {@link
 *     SequenceHook#NONE} for plain generation
 */
public record GenerationRequest(
    int[] prompt, GenerateOptions options, SequenceHook hook, GenerationListener listener) {
  public GenerationRequest(int[] prompt, GenerateOptions options, GenerationListener listener) {
    this(prompt, options, SequenceHook.NONE, listener);
  }
}
