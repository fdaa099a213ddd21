package io.otium.lm.engine;

/**
 * What a method may see and change in one sequence's forward pass. One object a sequence: it may
 * keep state in plain fields. Every member has a default that costs nothing; what a hook does not
 * ask for, the engine does not compute. All calls come from the engine's threads, one at a time for
 * a sequence.
 */
public interface SequenceHook {
  /** Plain generation. */
  SequenceHook NONE = new SequenceHook() {};

  /** Whether {@link #onAttention} wants a layer's attention; asked once for each layer and step. */
  default boolean watches(int layer) {
    return false;
  }

  /**
   * After a layer's attention, before its MLP.
   *
   * @param row how the step's last row of this sequence attends
   */
  default void onAttention(int layer, Step step, AttentionRow row) {}

  /**
   * Whether {@link #keepRows} may leave rows out after a layer; asked once for each layer and step.
   */
  default boolean prunes(int layer) {
    return false;
  }

  /**
   * Which of the step's rows go on to the next layer.
   *
   * @param kept all true; the hook clears what stops here. The step's last row must stay where
   *     {@link Step#sampled}.
   */
  default void keepRows(int layer, Step step, boolean[] kept) {}

  /** Whether {@link #onHidden} wants to see or change the hidden states after a layer. */
  default boolean reads(int layer) {
    return false;
  }

  /**
   * After a block.
   *
   * @param rows the sequence's hidden states {@code [rows][stride]} from {@code at} on, which may
   *     be changed
   */
  default void onHidden(int layer, Step step, float[] rows, int at, int stride) {}

  /**
   * Whether {@link #afterStep} may drop cache slots; such sequences do not leave their cache to
   * others.
   */
  default boolean evicts() {
    return false;
  }

  /** After every step: the place to drop cache slots. */
  default void afterStep(Step step, CacheView cache) {}

  /**
   * One pass of a sequence's new tokens through the model.
   *
   * @param firstPosition index in the whole sequence of the step's first token
   * @param tokens new tokens of the step, in order
   * @param positions for each row still in flight the index of its token in the whole sequence
   * @param prompt whether the step holds tokens of the prompt
   * @param sampled whether a token is drawn after it
   */
  record Step(int firstPosition, int[] tokens, int[] positions, boolean prompt, boolean sampled) {}

  /** How a row attends: weights over a layer's slots, one distribution for each query head. */
  interface AttentionRow {
    int queryHeads();

    int kvHeads();

    int slots();

    /** In {@code [0, 1]}; a head's weights sum to 1. */
    float weight(int queryHead, int slot);
  }

  /** A sequence's cache between steps. */
  interface CacheView {
    int layers();

    int slots(int layer);

    /** Index in the whole sequence of the token in a slot. */
    int position(int layer, int slot);

    /**
     * Keeps these slots of a layer and drops the others.
     *
     * @param slots ascending
     */
    void keep(int layer, int[] slots);
  }
}
