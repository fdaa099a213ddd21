package io.otium.core.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The host buffer: a ring and its memory, allocated once, its pages touched. */
final class StagingBuffer implements AutoCloseable {
  private final StagingRing ring;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  /**
   * @throws CheckpointException if there is not so much memory
   */
  StagingBuffer(long bytes) {
    ring = new StagingRing(bytes);
    try {
      memory = arena.allocate(bytes, 64);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new CheckpointException(
          "staging_bytes: there is no memory for a staging buffer of " + bytes + " bytes", e);
    }
  }

  StagingRing ring() {
    return ring;
  }

  MemorySegment slice(long start, long size) {
    return memory.asSlice(start, size);
  }

  @Override
  public void close() {
    arena.close();
  }
}
