package io.otium.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Paces a hop to a rate, to show slower memory or disks than this machine's. Used by one thread at
 * a time.
 */
final class Throttle {
  /** Small enough that pauses are short, large enough that they cost nothing. */
  static final long PIECE_BYTES = 1 << 20;

  /** How late a pause may end and still be made up for. */
  private static final long SLACK_NANOS = 10_000_000;

  private final double bytesPerSecond;

  /** When what has passed so far is due, by {@link System#nanoTime}. */
  private long due = System.nanoTime();

  /**
   * @param bytesPerSecond null for no limit
   */
  Throttle(@Nullable Long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond == null ? Double.POSITIVE_INFINITY : bytesPerSecond;
  }

  /** Waits as long as so many bytes take at the rate; longer idle times are not made up for. */
  void pass(long bytes) throws InterruptedException {
    if (Double.isInfinite(bytesPerSecond)) {
      return;
    }
    due = Math.max(due, System.nanoTime() - SLACK_NANOS) + (long) (bytes / bytesPerSecond * 1e9);
    for (long left; (left = due - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Copies in pieces, at the rate. */
  void copy(MemorySegment from, MemorySegment to) throws InterruptedException {
    for (long at = 0; at < from.byteSize(); at += PIECE_BYTES) {
      long size = Math.min(PIECE_BYTES, from.byteSize() - at);
      MemorySegment.copy(from, at, to, at, size);
      pass(size);
    }
  }
}
