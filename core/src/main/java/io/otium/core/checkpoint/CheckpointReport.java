package io.otium.core.checkpoint;

import java.util.Locale;

/**
 * What checkpoints have cost.
 *
 * @param checkpoints how many were saved
 * @param failed how many of them could not be written
 * @param bytes of their tensors, all together
 * @param enqueueSeconds for which {@code save} held the training thread, all together
 * @param barrierSeconds for which {@code awaitSnapshot} did
 * @param longestStallSeconds of one checkpoint: its save and the barrier after it
 * @param copyBytesPerSecond into the buffer, while it was copied; 0 if nothing was
 * @param writeBytesPerSecond to disk, while it was written; 0 if nothing was
 * @param ringHighWater the most bytes that ever lay in the staging ring
 * @param slowestIterationSeconds between two barriers; 0 before the second
 */
public record CheckpointReport(
    long checkpoints,
    long failed,
    long bytes,
    double enqueueSeconds,
    double barrierSeconds,
    double longestStallSeconds,
    double copyBytesPerSecond,
    double writeBytesPerSecond,
    long ringHighWater,
    double slowestIterationSeconds) {

  /** How long training stood still for a checkpoint, on average. */
  public double stallSeconds() {
    return checkpoints == 0 ? 0 : (enqueueSeconds + barrierSeconds) / checkpoints;
  }

  /** The paper's throughput: bytes saved for each second that training stood still. */
  public double effectiveBytesPerSecond() {
    double stall = enqueueSeconds + barrierSeconds;
    return stall == 0 ? 0 : bytes / stall;
  }

  /** The report in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d checkpoints, %d failed, %.1f MB each; stall %.1f ms each, at most %.1f; %.0f MB/s"
            + " effective, copied at %.0f MB/s, written at %.0f MB/s; staging used up to %.1f MB;"
            + " slowest iteration %.3f s",
        checkpoints,
        failed,
        checkpoints == 0 ? 0 : bytes / 1e6 / checkpoints,
        stallSeconds() * 1e3,
        longestStallSeconds * 1e3,
        effectiveBytesPerSecond() / 1e6,
        copyBytesPerSecond / 1e6,
        writeBytesPerSecond / 1e6,
        ringHighWater / 1e6,
        slowestIterationSeconds);
  }
}
