package io.otium.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Memory in pieces that byte buffers can hold. */
final class Piece {
  private Piece() {}

  /** The piece that begins at byte {@code at}, to be read: at most 1 MiB. */
  static ByteBuffer of(MemorySegment memory, long at) {
    long size = Math.min(Throttle.PIECE_BYTES, memory.byteSize() - at);
    MemorySegment piece = memory.asSlice(at, size);
    boolean viewable = piece.isNative() || piece.heapBase().orElse(null) instanceof byte[];
    return viewable
        ? piece.asByteBuffer()
        : ByteBuffer.wrap(piece.toArray(ValueLayout.JAVA_BYTE)); // another kind of array
  }
}
