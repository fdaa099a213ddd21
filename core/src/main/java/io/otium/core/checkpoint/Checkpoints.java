package io.otium.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The checkpoints in a folder, to be read. Only versions with a commit record exist; what a process
 * that died left half-written does not.
 */
public final class Checkpoints {
  private final CheckpointFolder folder;

  public Checkpoints(Path folder) {
    this.folder = new CheckpointFolder(folder);
  }

  /** What is there, oldest first; what is broken says so. */
  public List<CheckpointInfo> list() {
    List<CheckpointInfo> all = new ArrayList<>();
    for (long version : folder.committed()) {
      try {
        CommitRecord record = CommitRecord.read(folder.commit(version));
        all.add(
            new CheckpointInfo(
                version,
                record.created(),
                record.bytes(),
                record.shards().size(),
                record.nonFinite(),
                lengthProblem(record)));
      } catch (CheckpointException e) {
        all.add(new CheckpointInfo(version, "", 0, 0, List.of(), CheckpointException.reason(e)));
      }
    }
    return all;
  }

  private String lengthProblem(CommitRecord record) {
    try {
      for (FileRecord file : record.files()) {
        checkLength(file);
      }
      return "";
    } catch (CheckpointException e) {
      return CheckpointException.reason(e);
    }
  }

  /**
   * Reads every byte of a version.
   *
   * @throws CheckpointException naming the file that is missing, cut short or changed
   */
  public void verify(long version) {
    load(version).close();
  }

  /**
   * Loads a version; its checksums are verified.
   *
   * @throws CheckpointException naming what is missing, cut short or broken
   */
  public LoadedCheckpoint load(long version) {
    return load(version, List.of());
  }

  private LoadedCheckpoint load(long version, List<String> skipped) {
    Path commit = folder.commit(version);
    if (!Files.exists(commit)) {
      throw new CheckpointException(
          "there is no checkpoint %d in %s; there are %s"
              .formatted(version, folder.path(), folder.committed()));
    }
    CommitRecord record = CommitRecord.read(commit);
    Arena arena = Arena.ofShared();
    try {
      List<LoadedShard> shards = new ArrayList<>();
      for (ShardRecord shard : record.shards()) {
        LoadedShard loaded = new LoadedShard();
        if (shard.frozen() != null) {
          loaded.addFrozen(path(shard.frozen()), map(shard.frozen(), arena));
        }
        loaded.addState(path(shard.state()), map(shard.state(), arena));
        shards.add(loaded);
      }
      return new LoadedCheckpoint(version, shards, skipped, arena);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The newest version that is whole; empty if there is none, and training starts anew. */
  public Optional<LoadedCheckpoint> loadNewest() {
    List<String> skipped = new ArrayList<>();
    for (long version : folder.committed().descendingSet()) {
      try {
        return Optional.of(load(version, skipped));
      } catch (CheckpointException e) {
        skipped.add("checkpoint %d was passed over: %s".formatted(version, e.getMessage()));
      }
    }
    return Optional.empty();
  }

  /**
   * Goes back: deletes all versions after this one.
   *
   * @throws CheckpointException if a run writes here, or a file cannot be deleted
   */
  public void discardAfter(long version) {
    try (FolderLock lock = FolderLock.take(folder.path())) {
      for (long newer : folder.committed().tailSet(version, false)) {
        folder.delete(newer);
      }
    } catch (IOException e) {
      throw new CheckpointException(
          "checkpoints after %d cannot be deleted: %s"
              .formatted(version, CheckpointException.reason(e)),
          e);
    }
  }

  private Path path(FileRecord file) {
    Path name = Path.of(file.file());
    if (name.getNameCount() != 1 || name.isAbsolute()) {
      throw new CheckpointException(
          "the commit record names " + file.file() + "; files lie in the same folder");
    }
    return folder.path().resolve(name);
  }

  private Path checkLength(FileRecord file) {
    Path path = path(file);
    try {
      if (!Files.exists(path)) {
        throw new CheckpointException(path + " is missing");
      }
      long length = Files.size(path);
      if (length != file.length()) {
        throw new CheckpointException(
            "%s has %d bytes, where its commit record says %d"
                .formatted(path, length, file.length()));
      }
      return path;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private MemorySegment map(FileRecord file, Arena arena) {
    Path path = checkLength(file);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, file.length(), arena);
      CRC32C crc = new CRC32C();
      for (long at = 0; at < bytes.byteSize(); at += Throttle.PIECE_BYTES) {
        crc.update(Piece.of(bytes, at));
      }
      String found = FileRecord.hex(crc.getValue());
      if (!found.equals(file.crc32c())) {
        throw new CheckpointException(
            "%s has changed since it was written: checksum %s, where its commit record says %s"
                .formatted(path, found, file.crc32c()));
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static CheckpointException unreadable(Path path, IOException e) {
    return new CheckpointException(path + " cannot be read: " + CheckpointException.reason(e), e);
  }
}
