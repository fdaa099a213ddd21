package io.otium.core.checkpoint;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A save on its way to the disk. */
final class SaveRequest {
  private final long version;
  private final long bytes;
  private final Map<String, StateTensor> frozen;
  private final Future<EncodedState> encoded;
  private final long started;
  private volatile @Nullable Throwable failure;

  /**
   * @param bytes of the tensors that are copied
   * @param started when {@code save} was called, by {@link System#nanoTime}
   */
  SaveRequest(
      long version,
      long bytes,
      Map<String, StateTensor> frozen,
      Future<EncodedState> encoded,
      long started) {
    this.version = version;
    this.bytes = bytes;
    this.frozen = frozen;
    this.encoded = encoded;
    this.started = started;
  }

  long version() {
    return version;
  }

  long bytes() {
    return bytes;
  }

  Map<String, StateTensor> frozen() {
    return frozen;
  }

  long started() {
    return started;
  }

  /** Header and lean state, once they are encoded. */
  EncodedState encoded() throws InterruptedException {
    try {
      return encoded.get();
    } catch (ExecutionException e) {
      Throwable cause = CheckpointException.cause(e);
      if (cause instanceof CheckpointException said) {
        throw said;
      }
      throw new CheckpointException(
          "the state cannot be encoded: " + CheckpointException.reason(cause), cause);
    }
  }

  /** Gives it up; what of it is still on the way is dropped. The first reason stays. */
  synchronized void fail(Throwable reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  @Nullable Throwable failure() {
    return failure;
  }
}
