package io.otium.core.checkpoint;

import org.jspecify.annotations.Nullable;

/** Carries what failed in the background to the training thread: the first failure, once. */
final class Failures {
  private @Nullable Throwable first;

  synchronized void report(Throwable failure) {
    if (first == null) {
      first = failure;
    } else if (first != failure) {
      first.addSuppressed(failure);
    }
  }

  /**
   * @throws CheckpointException for what was reported since the last call
   */
  synchronized void surface() {
    Throwable failure = first;
    first = null;
    if (failure instanceof CheckpointException said) {
      throw said;
    } else if (failure != null) {
      throw new CheckpointException(
          "writing checkpoints failed: " + CheckpointException.reason(failure), failure);
    }
  }
}
