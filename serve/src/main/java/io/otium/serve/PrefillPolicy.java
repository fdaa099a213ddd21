package io.otium.serve;

import io.otium.core.options.Doc;
import io.otium.lm.engine.SequenceHook.AttentionRow;
import io.otium.lm.engine.SequenceHook.Step;

/**
 * Which prompt tokens are worth computing: sees a layer's attention, says which of the prompt's
 * tokens go on to the next. One object serves one sequence and may keep state in plain fields.
 *
 * <p>It is asked in steps of the prompt that end with its last token: tokens of earlier chunks are
 * computed whole, since nothing has asked for them yet.
 */
public interface PrefillPolicy {
  /** Computes every token in every layer. */
  PrefillPolicy FULL = (layer, step, row, kept) -> {};

  /** Full prefill has nothing to choose. */
  @Doc("computes every prompt token in every layer")
  record FullOptions() {}

  /**
   * Whether tokens may stop after this layer; only there is the attention worked out for it. Layers
   * count from 0; after the last one nothing is left to save.
   */
  default boolean prunes(int layer) {
    return this != FULL;
  }

  /**
   * Which tokens go on to the next layer.
   *
   * @param step its {@code positions} are the tokens still in flight, ascending
   * @param row how the prompt's last token attends in this layer
   * @param kept {@code [positions]}, all true; the policy clears what stops here. The last token
   *     stays whatever it says.
   */
  void keep(int layer, Step step, AttentionRow row, boolean[] kept);
}
