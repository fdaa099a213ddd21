package io.otium.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The second hop of one rank: writes the requests' bytes to their files, one request after the
 * other, and has them committed. A failure ends its request only. One thread at a time.
 */
final class ShardWriter {
  private final int rank;
  private final CommitGroup group;
  private final CheckpointOptions options;
  private final CheckpointMeter meter;
  private final Throttle throttle;
  private final FrozenFiles frozenFiles;
  private final Set<String> nonFinite = new LinkedHashSet<>();
  private @Nullable StateFile file;

  ShardWriter(int rank, CommitGroup group, CheckpointOptions options, CheckpointMeter meter) {
    this.rank = rank;
    this.group = group;
    this.options = options;
    this.meter = meter;
    this.throttle = new Throttle(options.throttleWrite());
    this.frozenFiles = new FrozenFiles(group, options.fsync(), throttle);
  }

  /**
   * Writes bytes of a tensor, unless the request has failed.
   *
   * @param bytes whole elements
   * @param offset from the first tensor's first byte on
   */
  void write(SaveRequest request, String key, StateType type, MemorySegment bytes, long offset)
      throws InterruptedException {
    if (request.failure() != null) {
      return;
    }
    long start = System.nanoTime();
    try {
      open(request).write(bytes, offset);
      if (Finite.hasNonFinite(type, bytes)) {
        nonFinite.add(key);
      }
    } catch (IOException | RuntimeException | Error e) {
      request.fail(e);
    } finally {
      meter.written(bytes.byteSize(), System.nanoTime() - start);
    }
  }

  /** Ends a request: committed, or failed and without a trace. */
  void finish(SaveRequest request) throws InterruptedException {
    if (request.failure() == null) {
      long start = System.nanoTime();
      try {
        FileRecord state = open(request).finish();
        file = null;
        meter.written(0, System.nanoTime() - start);
        FileRecord frozen = frozenFiles.write(request.frozen());
        group.done(rank, request.version(), new ShardRecord(state, frozen, List.copyOf(nonFinite)));
      } catch (IOException | RuntimeException | Error e) {
        request.fail(e);
      }
    }
    nonFinite.clear();
    Throwable failure = request.failure();
    if (failure != null) {
      abandon(request, failure);
    }
  }

  /** Deletes what there is of a request and says that it failed. */
  void abandon(SaveRequest request, Throwable failure) {
    meter.failed();
    try {
      if (file != null) {
        file.abort();
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    file = null;
    group.failed(rank, request.version(), failure);
  }

  private StateFile open(SaveRequest request) throws IOException, InterruptedException {
    StateFile opened = file;
    if (opened == null) {
      opened =
          new StateFile(
              group.disk(),
              group.folder().state(request.version(), rank),
              request.encoded(),
              options.fsync(),
              throttle);
      file = opened;
    }
    return opened;
  }
}
