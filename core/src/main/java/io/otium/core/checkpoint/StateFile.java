package io.otium.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A checkpoint file while it is written, under a temporary name: header and lean state first, then
 * the tensors' bytes in order; renamed when whole. One thread at a time.
 */
final class StateFile {
  private final Path target;
  private final Path part;
  private final EncodedState state;
  private final boolean fsync;
  private final Throttle throttle;
  private final Disk.Sink sink;
  private final CRC32C crc = new CRC32C();
  private long written;

  StateFile(Disk disk, Path target, EncodedState state, boolean fsync, Throttle throttle)
      throws IOException, InterruptedException {
    this.target = target;
    this.part = Disk.part(target);
    this.state = state;
    this.fsync = fsync;
    this.throttle = throttle;
    this.sink = disk.create(part);
    try {
      sink.write(ByteBuffer.wrap(state.header()), 0);
      sink.write(ByteBuffer.wrap(state.lean()), state.header().length + state.tensorBytes());
      throttle.pass(state.header().length + state.lean().length);
    } catch (IOException | RuntimeException | InterruptedException e) {
      abort();
      throw e;
    }
    crc.update(state.header());
  }

  /**
   * Writes the next bytes of the tensors.
   *
   * @param offset where they belong, from the first tensor's first byte on
   * @throws IllegalStateException if that is not where the last ones ended
   */
  void write(MemorySegment bytes, long offset) throws IOException, InterruptedException {
    if (offset != written) {
      throw new IllegalStateException(
          "bytes for offset " + offset + " came when those for " + written + " were next");
    }
    for (long at = 0; at < bytes.byteSize(); at += Throttle.PIECE_BYTES) {
      ByteBuffer piece = Piece.of(bytes, at);
      int size = piece.remaining();
      crc.update(piece.duplicate());
      sink.write(piece, state.header().length + written);
      written += size;
      throttle.pass(size);
    }
  }

  /** Ends the file: checksum, fsync, rename. */
  FileRecord finish() throws IOException {
    if (written != state.tensorBytes()) {
      throw new IllegalStateException(
          target + " has " + written + " of the tensors' " + state.tensorBytes() + " bytes");
    }
    crc.update(state.lean());
    if (fsync) {
      sink.force();
    }
    sink.close();
    Disk.rename(part, target, fsync);
    return new FileRecord(
        target.getFileName().toString(), state.length(), FileRecord.hex(crc.getValue()));
  }

  /** Leaves no part of it. */
  void abort() throws IOException {
    try {
      sink.close();
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
