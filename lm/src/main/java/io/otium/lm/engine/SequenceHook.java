package io.otium.lm.engine;

/**
 * What a method may see and change in one sequence's forward pass. One object a sequence: it may
 * keep state. Every member has a default that costs nothing, and the engine asks only what is
 * answered with interest.
 */
public interface SequenceHook {
  /** Plain generation. */
  SequenceHook NONE = new SequenceHook() {};
}
