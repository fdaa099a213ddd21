package io.otium.core.checkpoint;

import java.lang.foreign.MemorySegment;

/** What travels from memory through the staging buffer to the disk. */
sealed interface StagedWork {
  SaveRequest request();

  /**
   * Bytes of a tensor.
   *
   * @param tensor keeps its memory referenced until it has been copied
   * @param source the bytes in the tensor's memory
   * @param offset where they belong, from the first tensor's first byte on
   */
  record Region(
      SaveRequest request, String key, StateTensor tensor, MemorySegment source, long offset)
      implements StagedWork {}

  /**
   * Bytes in the staging buffer.
   *
   * @param start of their place in the ring
   */
  record Staged(SaveRequest request, String key, StateType type, long start, long size, long offset)
      implements StagedWork {}

  /** Nothing more of a request follows. */
  record End(SaveRequest request) implements StagedWork {}
}
