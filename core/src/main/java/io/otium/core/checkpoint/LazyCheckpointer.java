package io.otium.core.checkpoint;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import io.otium.core.checkpoint.StagedWork.End;
import io.otium.core.checkpoint.StagedWork.Region;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lazy asynchronous multi-level checkpoints (DataStates-LLM, HPDC 2024, arXiv 2406.10707). Between
 * two updates the tensors of a training state do not change, so one worker copies them to a staging
 * ring in the background while the next forward and backward pass runs, a second one writes the
 * ring to disk, and only the next update waits for the first. With S bytes of state and B01, B12
 * bytes a second of the two hops, a checkpoint holds training up for
 *
 * <pre>stall = t_enqueue + max(0, S / B01 − t_forward+backward) + waiting for a full ring</pre>
 *
 * and the disk sets the pace only where checkpoints come faster than S / B12.
 */
public final class LazyCheckpointer implements Checkpointer {
  private final int rank;
  private final CheckpointOptions options;
  private final CommitGroup group;
  private final boolean barrier;
  private final CheckpointMeter meter = new CheckpointMeter();
  private final WorkQueue<StagedWork> copies = new WorkQueue<>();
  private final WorkQueue<StagedWork> writes = new WorkQueue<>();
  private final ShardWriter writer;
  private final ExecutorService encoders;
  private final Thread exitHook = new Thread(this::closeAtExit, "ckpt-exit");
  private @Nullable StagingBuffer staging;
  private @Nullable Thread copyThread;
  private @Nullable Thread writeThread;
  private long lastVersion = -1;
  private boolean closed;

  /**
   * @param barrier whether {@link #awaitSnapshot} waits; false in the test that shows why it must
   */
  LazyCheckpointer(int rank, CheckpointOptions options, CommitGroup group, boolean barrier) {
    this.rank = rank;
    this.options = options;
    this.group = group;
    this.barrier = barrier;
    this.writer = new ShardWriter(rank, group, options, meter);
    this.encoders =
        Executors.newFixedThreadPool(
            options.parserThreads(), Thread.ofPlatform().daemon().name("ckpt-encode").factory());
    Runtime.getRuntime().addShutdownHook(exitHook);
  }

  /**
   * One checkpointer for each rank of a data-parallel training in this process, each with its own
   * ring, workers and file. A version counts when all ranks have written theirs.
   *
   * @throws CheckpointException if the folder cannot be written, or another run writes there
   */
  public static List<LazyCheckpointer> shards(
      Path folder, CheckpointOptions options, int ranks, CheckpointListener listener) {
    return shards(folder, options, ranks, listener, new FileDisk());
  }

  /** As {@link #shards(Path, CheckpointOptions, int, CheckpointListener)}, on another disk. */
  static List<LazyCheckpointer> shards(
      Path folder, CheckpointOptions options, int ranks, CheckpointListener listener, Disk disk) {
    CommitGroup group = new CommitGroup(folder, ranks, options, disk, listener);
    return IntStream.range(0, ranks)
        .mapToObj(rank -> new LazyCheckpointer(rank, options, group, true))
        .toList();
  }

  @Override
  public CheckpointOptions options() {
    return options;
  }

  @Override
  public void prepare(Map<String, ?> state) {
    prepare(ParsedState.of(state));
  }

  private void prepare(ParsedState parsed) {
    StagingBuffer buffer = staging;
    if (buffer == null) {
      Long asked = options.stagingBytes();
      long bytes = asked == null ? Math.max(1, 2 * parsed.bytes()) : asked;
      checkFits(parsed, bytes);
      buffer = new StagingBuffer(bytes);
      staging = buffer;
      Throttle throttle = new Throttle(options.throttleCopy());
      copyThread =
          start(
              "ckpt-copy-" + rank,
              new CopyWorker(rank, copies, writes, buffer, throttle, group, meter));
      writeThread = start("ckpt-write-" + rank, new WriteWorker(writes, buffer, writer, group));
    } else {
      checkFits(parsed, buffer.ring().capacity());
    }
  }

  private void checkFits(ParsedState parsed, long capacity) {
    parsed
        .tensors()
        .forEach(
            (key, tensor) -> {
              long largest = Math.min(tensor.bytes(), partBytes());
              if (largest > capacity) {
                throw new CheckpointException(
                    "staging_bytes is %d, and %s has %d bytes; allow at least so many, or set"
                            .formatted(capacity, key, tensor.bytes())
                        + " chunk_bytes to stage it in parts");
              }
            });
  }

  /** Whole elements: a multiple of 8 bytes. */
  private long partBytes() {
    Long chunk = options.chunkBytes();
    return chunk == null ? Long.MAX_VALUE : chunk / Long.BYTES * Long.BYTES;
  }

  private static Thread start(String name, Runnable worker) {
    return Thread.ofPlatform().daemon().name(name).start(worker);
  }

  @Override
  public void save(long version, Map<String, ?> state) {
    final long started = System.nanoTime();
    group.failures().surface();
    if (closed) {
      throw new IllegalStateException("the checkpointer is closed");
    }
    lastVersion = Versions.next(lastVersion, version);
    ParsedState parsed = ParsedState.of(state);
    prepare(parsed);
    group.begin(version);
    SaveRequest request =
        new SaveRequest(
            version,
            parsed.bytes(),
            parsed.frozen(),
            encoders.submit(() -> EncodedState.of(parsed.tensors(), parsed.lean())),
            started);
    group.tell(Kind.ENQUEUED, version, rank, request.bytes(), started, "");
    long offset = 0;
    for (Map.Entry<String, StateTensor> entry : parsed.tensors().entrySet()) {
      enqueue(request, entry.getKey(), entry.getValue(), offset);
      offset += entry.getValue().bytes();
    }
    copies.add(new End(request));
    meter.saved(request.bytes(), System.nanoTime() - started);
  }

  private void enqueue(SaveRequest request, String key, StateTensor tensor, long offset) {
    MemorySegment data = tensor.contiguousData();
    for (long at = 0; at < data.byteSize(); at += partBytes()) {
      long size = Math.min(partBytes(), data.byteSize() - at);
      copies.add(new Region(request, key, tensor, data.asSlice(at, size), offset + at));
      if (size == data.byteSize() - at) {
        return;
      }
    }
  }

  @Override
  public void awaitSnapshot() {
    long started = System.nanoTime();
    if (barrier) {
      try {
        copies.awaitEmpty();
      } catch (InterruptedException e) {
        throw CommitGroup.interrupted(e);
      }
    }
    meter.waited(System.nanoTime() - started);
    group.failures().surface();
  }

  @Override
  public void awaitDurable(long version) {
    group.await(version);
  }

  @Override
  public CheckpointReport report() {
    StagingBuffer buffer = staging;
    return meter.report(buffer == null ? 0 : buffer.ring().highWater());
  }

  @Override
  public void close() {
    drain();
    group.failures().surface();
  }

  private void closeAtExit() {
    try {
      drain();
    } catch (RuntimeException e) {
      // The listener has been told; nobody is left to throw it to.
    }
  }

  private synchronized void drain() {
    if (closed) {
      return;
    }
    closed = true;
    if (Thread.currentThread() != exitHook) {
      removeExitHook();
    }
    boolean stopped = true;
    try {
      long deadline = System.nanoTime() + (long) (options.drainTimeout() * 1e9);
      boolean drained = copies.awaitEmpty(deadline) && writes.awaitEmpty(deadline);
      copies.close();
      writes.close();
      stopped = stop(copyThread, !drained);
      stopped &= stop(writeThread, !drained);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = false;
    }
    giveUp();
    encoders.shutdownNow();
    group.close(rank);
    if (staging != null && stopped) {
      staging.close();
    }
  }

  private void removeExitHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException exiting) {
      // It runs already, and will find this closed.
    }
  }

  /** Whether the thread ended. One that hangs in the file system is left behind. */
  private static boolean stop(@Nullable Thread thread, boolean interrupt)
      throws InterruptedException {
    if (thread == null) {
      return true;
    }
    if (interrupt) {
      thread.interrupt();
      thread.join(5_000);
    } else {
      thread.join();
    }
    return !thread.isAlive();
  }

  /** Says of what was not written in time that it failed. */
  private void giveUp() {
    Set<SaveRequest> left = new LinkedHashSet<>();
    Stream.concat(writes.items().stream(), copies.items().stream())
        .forEach(work -> left.add(work.request()));
    for (SaveRequest request : left) {
      request.fail(
          new CheckpointException(
              "checkpoint %d was not on disk within drain_timeout, %s s after the end"
                  .formatted(request.version(), options.drainTimeout())));
      Throwable failure = request.failure();
      if (failure != null) {
        writer.abandon(request, failure);
      }
    }
  }
}
