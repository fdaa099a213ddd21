package io.otium.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint read back. Its tensors are the files' memory, read-only, perhaps unaligned, and live
 * until it is closed: copy from them.
 */
public final class LoadedCheckpoint implements AutoCloseable {
  private final long version;
  private final List<LoadedShard> shards;
  private final List<String> passedOver;
  private final Arena arena;

  LoadedCheckpoint(long version, List<LoadedShard> shards, List<String> passedOver, Arena arena) {
    this.version = version;
    this.shards = List.copyOf(shards);
    this.passedOver = List.copyOf(passedOver);
    this.arena = arena;
  }

  /** The iteration that it holds. */
  public long version() {
    return version;
  }

  /** How many ranks wrote it. */
  public int ranks() {
    return shards.size();
  }

  /** Newer versions that are broken, a sentence each. */
  public List<String> passedOver() {
    return passedOver;
  }

  /** The state of a run with one rank, or of rank 0: the tree as it was saved. */
  public Map<String, Object> state() {
    return state(0);
  }

  public Map<String, Object> state(int rank) {
    return shards.get(rank).state();
  }

  /**
   * Writes a rank's tensors as a safetensors file, each named by its path with dots.
   *
   * @throws CheckpointException if two names become one, or the file cannot be written
   */
  public void exportSafetensors(int rank, Path file) {
    Map<String, StateTensor> named = new LinkedHashMap<>();
    shards
        .get(rank)
        .tensors()
        .forEach(
            (key, tensor) -> {
              String name = key.replace(StateKeys.SEPARATOR, ".");
              if (named.put(name, tensor) != null) {
                throw new CheckpointException("two tensors would be named " + name);
              }
            });
    try {
      SafetensorsExport.write(named, file);
    } catch (IOException e) {
      throw new CheckpointException(
          file + " cannot be written: " + CheckpointException.reason(e), e);
    }
  }

  /** Copies a tensor's bytes into memory of the same size. */
  public static void copy(StateTensor from, MemorySegment to) {
    MemorySegment data = from.contiguousData();
    if (data.byteSize() != to.byteSize()) {
      throw new CheckpointException(
          "a tensor of %s %s has %d bytes; the memory for it has %d"
              .formatted(from.type(), from.shape(), data.byteSize(), to.byteSize()));
    }
    to.copyFrom(data);
  }

  @Override
  public void close() {
    arena.close();
  }
}
