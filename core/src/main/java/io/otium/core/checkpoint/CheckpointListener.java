package io.otium.core.checkpoint;

/** Is told what happens to checkpoints, from several threads; should return soon. */
@FunctionalInterface
public interface CheckpointListener {
  CheckpointListener NONE = event -> {};

  void onEvent(CheckpointEvent event);
}
