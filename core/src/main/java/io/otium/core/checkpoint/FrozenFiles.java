package io.otium.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes a rank's frozen tensors once, to a file named by their content, so that a run that
 * continues finds what the one before it wrote. Straight from their memory: they never change.
 */
final class FrozenFiles {
  private final CommitGroup group;
  private final boolean fsync;
  private final Throttle throttle;
  private @Nullable Map<String, StateTensor> written;
  private @Nullable FileRecord record;

  FrozenFiles(CommitGroup group, boolean fsync, Throttle throttle) {
    this.group = group;
    this.fsync = fsync;
    this.throttle = throttle;
  }

  /** The file of these tensors, written where it is missing; null for none. */
  @Nullable FileRecord write(Map<String, StateTensor> tensors)
      throws IOException, InterruptedException {
    if (tensors.isEmpty()) {
      return null;
    }
    if (record == null || !isSame(tensors, written)) {
      EncodedState state = EncodedState.of(tensors, Map.of());
      Path file = group.folder().frozen(hash(state, tensors));
      record = existing(file, state, tensors);
      if (record == null) {
        record = write(file, state, tensors);
      }
      written = tensors;
    }
    return record;
  }

  /** Whether these are the same numbers in the same memory, whatever objects stand for them. */
  private static boolean isSame(
      Map<String, StateTensor> tensors, @Nullable Map<String, StateTensor> others) {
    return others != null
        && List.copyOf(tensors.keySet()).equals(List.copyOf(others.keySet()))
        && tensors.entrySet().stream()
            .allMatch(entry -> isSame(entry.getValue(), others.get(entry.getKey())));
  }

  private static boolean isSame(StateTensor tensor, @Nullable StateTensor other) {
    return other != null
        && tensor.type() == other.type()
        && tensor.shape().equals(other.shape())
        && tensor.contiguousData().equals(other.contiguousData());
  }

  private FileRecord write(Path path, EncodedState state, Map<String, StateTensor> tensors)
      throws IOException, InterruptedException {
    StateFile file = new StateFile(group.disk(), path, state, fsync, throttle);
    try {
      long offset = 0;
      for (StateTensor tensor : tensors.values()) {
        file.write(tensor.contiguousData(), offset);
        offset += tensor.bytes();
      }
      return file.finish();
    } catch (IOException | RuntimeException | InterruptedException e) {
      file.abort();
      throw e;
    }
  }

  /** The record of a file that an earlier process wrote whole, or null. */
  private static @Nullable FileRecord existing(
      Path file, EncodedState state, Map<String, StateTensor> tensors) throws IOException {
    if (!Files.exists(file) || Files.size(file) != state.length()) {
      return null;
    }
    CRC32C crc = new CRC32C();
    crc.update(state.header());
    tensors.values().forEach(tensor -> pieces(tensor, crc::update));
    crc.update(state.lean());
    String name = file.getFileName().toString();
    return new FileRecord(name, state.length(), FileRecord.hex(crc.getValue()));
  }

  private static String hash(EncodedState state, Map<String, StateTensor> tensors) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(state.header());
      tensors.values().forEach(tensor -> pieces(tensor, sha::update));
      return HexFormat.of().formatHex(sha.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private static void pieces(StateTensor tensor, Consumer<ByteBuffer> consumer) {
    MemorySegment data = tensor.contiguousData();
    for (long at = 0; at < data.byteSize(); at += Throttle.PIECE_BYTES) {
      consumer.accept(Piece.of(data, at));
    }
  }
}
