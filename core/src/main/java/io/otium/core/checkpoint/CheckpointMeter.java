package io.otium.core.checkpoint;

/** Counts what checkpoints cost; written by the training thread and the workers. */
final class CheckpointMeter {
  private long checkpoints;
  private long failed;
  private long bytes;
  private long enqueueNanos;
  private long barrierNanos;
  private long longestStallNanos;
  private long stallNanos;
  private long copiedBytes;
  private long copyNanos;
  private long writtenBytes;
  private long writeNanos;
  private long lastBarrier;
  private long slowestIterationNanos;

  /** A save that took so long and ended now. */
  synchronized void saved(long size, long nanos) {
    checkpoints++;
    bytes += size;
    enqueueNanos += nanos;
    stallNanos = nanos;
    longestStallNanos = Math.max(longestStallNanos, stallNanos);
  }

  /** A barrier that took so long and ended now; it belongs to the save before it. */
  synchronized void waited(long nanos) {
    barrierNanos += nanos;
    stallNanos += nanos;
    longestStallNanos = Math.max(longestStallNanos, stallNanos);
    stallNanos = 0;
    long now = System.nanoTime();
    if (lastBarrier != 0) {
      slowestIterationNanos = Math.max(slowestIterationNanos, now - lastBarrier);
    }
    lastBarrier = now;
  }

  synchronized void copied(long size, long nanos) {
    copiedBytes += size;
    copyNanos += nanos;
  }

  synchronized void written(long size, long nanos) {
    writtenBytes += size;
    writeNanos += nanos;
  }

  synchronized void failed() {
    failed++;
  }

  synchronized CheckpointReport report(long ringHighWater) {
    return new CheckpointReport(
        checkpoints,
        failed,
        bytes,
        enqueueNanos / 1e9,
        barrierNanos / 1e9,
        longestStallNanos / 1e9,
        rate(copiedBytes, copyNanos),
        rate(writtenBytes, writeNanos),
        ringHighWater,
        slowestIterationNanos / 1e9);
  }

  private static double rate(long size, long nanos) {
    return nanos == 0 ? 0 : size * 1e9 / nanos;
  }
}
