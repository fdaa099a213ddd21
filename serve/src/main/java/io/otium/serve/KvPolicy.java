package io.otium.serve;

import io.otium.core.options.Doc;
import io.otium.lm.engine.SequenceHook.AttentionRow;
import io.otium.lm.engine.SequenceHook.CacheView;
import io.otium.lm.engine.SequenceHook.Step;

/**
 * Which keys and values are worth keeping: sees each step's attention and token, says which cache
 * slots to keep. One object serves one sequence and may keep state in plain fields.
 */
public interface KvPolicy {
  /** Keeps every slot. */
  KvPolicy FULL = (step, cache) -> {};

  /** The full cache has nothing to choose. */
  @Doc("keeps every key and value")
  record FullOptions() {}

  /** Whether this layer's attention is wanted; working it out costs a pass over its keys. */
  default boolean watches(int layer) {
    return false;
  }

  /**
   * How the step's last token attends in a layer that is watched.
   *
   * @param row over the layer's slots, the new ones included
   */
  default void onAttention(int layer, Step step, AttentionRow row) {}

  /**
   * After a step: {@link CacheView#keep} says which slots of a layer stay. Slots stand in order of
   * their tokens; what is kept moves together.
   */
  void afterStep(Step step, CacheView cache);
}
