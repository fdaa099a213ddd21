package io.otium.core.checkpoint;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Commits a version in two phases: each rank writes its files and says that it is done, and when
 * all ranks have, one commit record makes the version count. Holds the folder's lock.
 */
final class CommitGroup {
  /** Outcomes kept for {@link #await}; who asks for older ones asks the folder. */
  private static final int REMEMBERED = 64;

  private static final class Pending {
    final long started = System.nanoTime();
    final Map<Integer, ShardRecord> shards = new TreeMap<>();
    final CompletableFuture<CommitRecord> outcome = new CompletableFuture<>();
  }

  private final CheckpointFolder folder;
  private final int ranks;
  private final CheckpointOptions options;
  private final Disk disk;
  private final CheckpointListener listener;
  private final FolderLock lock;
  private final Failures failures = new Failures();
  private final TreeMap<Long, Pending> versions = new TreeMap<>();
  private final Map<Integer, String> frozen = new HashMap<>();
  private final Set<Integer> open;

  /**
   * @throws CheckpointException if the folder cannot be written, or another run writes there
   */
  CommitGroup(
      Path path, int ranks, CheckpointOptions options, Disk disk, CheckpointListener listener) {
    this.folder = new CheckpointFolder(path);
    this.ranks = ranks;
    this.options = options;
    this.disk = disk;
    this.listener = listener;
    this.open = new HashSet<>(IntStream.range(0, ranks).boxed().toList());
    this.lock = FolderLock.take(path);
    try {
      folder.deleteHalfWritten();
    } catch (IOException e) {
      lock.close();
      throw new CheckpointException(
          path + " cannot be cleaned up: " + CheckpointException.reason(e), e);
    }
  }

  CheckpointFolder folder() {
    return folder;
  }

  Disk disk() {
    return disk;
  }

  Failures failures() {
    return failures;
  }

  /** A rank begins to save a version; what is on disk under that number no longer counts. */
  synchronized void begin(long version) {
    if (versions.containsKey(version)) {
      return;
    }
    versions.put(version, new Pending());
    while (versions.size() > REMEMBERED && versions.firstEntry().getValue().outcome.isDone()) {
      versions.pollFirstEntry();
    }
    try {
      folder.delete(version);
    } catch (IOException e) {
      throw new CheckpointException(
          "the old checkpoint %d cannot be replaced: %s"
              .formatted(version, CheckpointException.reason(e)),
          e);
    }
  }

  /** A rank's files are on disk; the last rank's call commits. */
  synchronized void done(int rank, long version, ShardRecord record) throws IOException {
    Pending pending = pending(version);
    if (pending.outcome.isDone()) {
      folder.delete(version); // another rank failed before
      return;
    }
    pending.shards.put(rank, record);
    if (record.frozen() != null) {
      frozen.put(rank, record.frozen().file());
    }
    if (ranks > 1) {
      disk.writeWhole(folder.done(version, rank), CommitRecord.json(record), options.fsync());
    }
    if (pending.shards.size() == ranks) {
      commit(version, pending);
    }
  }

  private void commit(long version, Pending pending) throws IOException {
    CommitRecord commit =
        new CommitRecord(version, Instant.now().toString(), List.copyOf(pending.shards.values()));
    disk.writeWhole(folder.commit(version), commit.toJson(), options.fsync());
    for (int rank = 0; rank < ranks; rank++) {
      Files.deleteIfExists(folder.done(version, rank));
    }
    pending.outcome.complete(commit);
    String flagged =
        commit.nonFinite().isEmpty()
            ? ""
            : "NaN or infinity in " + String.join(", ", commit.nonFinite());
    tell(Kind.DURABLE, version, -1, commit.bytes(), pending.started, flagged);
    try {
      folder.prune(options.keepLast(), frozen.values());
    } catch (IOException | CheckpointException e) {
      failures.report(e); // this version counts all the same
    }
  }

  /**
   * A rank could not write a version: no rank's files of it stay. Anything but a full disk is
   * thrown at the next barrier.
   */
  synchronized void failed(int rank, long version, Throwable failure) {
    Pending pending = pending(version);
    try {
      folder.delete(version);
    } catch (IOException | CheckpointException e) {
      failure.addSuppressed(e);
    }
    if (!Disk.isFull(failure)) {
      failures.report(failure);
    }
    if (pending.outcome.completeExceptionally(failure)) {
      String why = CheckpointException.reason(failure);
      tell(Kind.FAILED, version, rank, 0, pending.started, why);
    }
  }

  /** Tells the listener; what it throws is thrown at the next barrier. */
  void tell(Kind kind, long version, int rank, long bytes, long startedNanos, String detail) {
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    try {
      listener.onEvent(new CheckpointEvent(kind, version, rank, bytes, seconds, detail));
    } catch (RuntimeException e) {
      failures.report(e);
    }
  }

  /**
   * Waits until a version is committed.
   *
   * @throws CheckpointException if it was not written, or never saved
   */
  void await(long version) {
    CompletableFuture<CommitRecord> outcome = outcome(version);
    if (outcome == null) {
      if (folder.committed().contains(version)) {
        return;
      }
      throw new CheckpointException(
          "checkpoint " + version + " was not saved here, or was deleted since");
    }
    try {
      outcome.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      Throwable cause = CheckpointException.cause(e);
      throw new CheckpointException(
          "checkpoint %d was not written: %s".formatted(version, CheckpointException.reason(cause)),
          cause);
    }
  }

  static CheckpointException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CheckpointException("interrupted while waiting for a checkpoint", e);
  }

  private synchronized @Nullable CompletableFuture<CommitRecord> outcome(long version) {
    Pending pending = versions.get(version);
    return pending == null ? null : pending.outcome;
  }

  private Pending pending(long version) {
    Pending pending = versions.get(version);
    if (pending == null) {
      throw new IllegalStateException("checkpoint " + version + " was never begun");
    }
    return pending;
  }

  /** A rank has ended; the last one's call ends what cannot be completed, and the lock. */
  synchronized void close(int rank) {
    if (!open.remove(rank) || !open.isEmpty()) {
      return;
    }
    for (Map.Entry<Long, Pending> entry : versions.entrySet()) {
      if (!entry.getValue().outcome.isDone()) {
        int saved = entry.getValue().shards.size();
        failed(
            -1,
            entry.getKey(),
            new CheckpointException(
                "checkpoint %d was saved by %d of %d ranks"
                    .formatted(entry.getKey(), saved, ranks)));
      }
    }
    lock.close();
  }
}
