package io.otium.lm.engine;

import org.jspecify.annotations.Nullable;

/**
 * One request to the engine.
 *
 * @param prompt token ids, at least one
 * @param hook what a method sees and changes in this sequence's forward pass; {@link
 *     SequenceHook#NONE} for plain generation
 * @param adapter what is added to the model's products; null for the model as it is
 */
public record GenerationRequest(
    int[] prompt,
    GenerateOptions options,
    SequenceHook hook,
    @Nullable AdapterWeights adapter,
    GenerationListener listener) {
  public GenerationRequest(
      int[] prompt, GenerateOptions options, SequenceHook hook, GenerationListener listener) {
    this(prompt, options, hook, null, listener);
  }

  public GenerationRequest(int[] prompt, GenerateOptions options, GenerationListener listener) {
    this(prompt, options, SequenceHook.NONE, listener);
  }

  /** The same of the model with an adapter. */
  public GenerationRequest with(AdapterWeights weights) {
    return new GenerationRequest(prompt, options, hook, weights, listener);
  }
}
