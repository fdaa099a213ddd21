package io.otium.core.train;

import java.util.Map;

/**
 * Sees a training run and may end it: logs, evaluations, samples, probes, early stopping. What it
 * must remember over an interruption it puts into the state.
 */
public interface TrainCallback {
  /** Before the first step, also of a resumed run. */
  default void begin(Trainer<?> trainer) {}

  /** After each update. */
  default void step(Trainer<?> trainer, TrainStep step) {}

  /** After the last step. */
  default void end(Trainer<?> trainer) {}

  /** Where its state lies in a checkpoint; empty if it has none. */
  default String key() {
    return "";
  }

  /** What a checkpoint keeps of it: plain values in maps. */
  default Map<String, Object> state() {
    return Map.of();
  }

  /** Goes on from what {@link #state} gave. */
  default void restore(Map<String, ?> state) {}
}
