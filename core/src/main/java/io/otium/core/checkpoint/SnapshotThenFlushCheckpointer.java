package io.otium.core.checkpoint;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The half-asynchronous baseline, the paper's stand-in for CheckFreq: {@code save} waits for the
 * flush before it, copies everything into fresh buffers, and leaves the writing to a thread; it
 * stalls training for S/B01 and that wait.
 */
public final class SnapshotThenFlushCheckpointer implements Checkpointer {
  private final CheckpointOptions options;
  private final CommitGroup group;
  private final CheckpointMeter meter = new CheckpointMeter();
  private final ShardWriter writer;
  private final Throttle throttle;
  private final ExecutorService flusher =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("ckpt-flush").factory());
  private @Nullable Future<?> flush;
  private long lastVersion = -1;
  private boolean closed;

  SnapshotThenFlushCheckpointer(CheckpointOptions options, CommitGroup group) {
    this.options = options;
    this.group = group;
    this.writer = new ShardWriter(0, group, options, meter);
    this.throttle = new Throttle(options.throttleCopy());
  }

  @Override
  public CheckpointOptions options() {
    return options;
  }

  @Override
  public void prepare(Map<String, ?> state) {
    ParsedState.of(state);
  }

  @Override
  public void save(long version, Map<String, ?> state) {
    final long started = System.nanoTime();
    group.failures().surface();
    lastVersion = Versions.next(lastVersion, version);
    ParsedState parsed = ParsedState.of(state);
    group.begin(version);
    EncodedState encoded = EncodedState.of(parsed.tensors(), parsed.lean());
    SaveRequest request =
        new SaveRequest(
            version,
            parsed.bytes(),
            parsed.frozen(),
            CompletableFuture.completedFuture(encoded),
            started);
    group.tell(Kind.ENQUEUED, version, 0, request.bytes(), started, "");
    try {
      awaitFlush();
      BlockingCopy copy = new BlockingCopy(parsed, throttle, meter);
      group.tell(Kind.SNAPSHOTTED, version, 0, request.bytes(), started, "");
      flush = flusher.submit(() -> write(copy, request));
    } catch (InterruptedException e) {
      throw CommitGroup.interrupted(e);
    }
    meter.saved(request.bytes(), System.nanoTime() - started);
  }

  private void write(BlockingCopy copy, SaveRequest request) {
    try (copy) {
      copy.writeTo(writer, request);
    } catch (InterruptedException e) {
      writer.abandon(
          request,
          new CheckpointException(
              "checkpoint %d was not on disk within drain_timeout, %s s after the end"
                  .formatted(request.version(), options.drainTimeout()),
              e));
    }
  }

  private void awaitFlush() throws InterruptedException {
    Future<?> running = flush;
    if (running != null) {
      try {
        running.get();
      } catch (ExecutionException e) {
        group.failures().report(CheckpointException.cause(e));
      }
    }
  }

  @Override
  public void awaitSnapshot() {
    meter.waited(0);
    group.failures().surface();
  }

  @Override
  public void awaitDurable(long version) {
    group.await(version);
  }

  @Override
  public CheckpointReport report() {
    return meter.report(0);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    flusher.shutdown();
    try {
      long nanos = (long) (options.drainTimeout() * 1e9);
      if (!flusher.awaitTermination(nanos, TimeUnit.NANOSECONDS)) {
        flusher.shutdownNow();
        flusher.awaitTermination(5, TimeUnit.SECONDS);
      }
      awaitFlush();
    } catch (InterruptedException e) {
      throw CommitGroup.interrupted(e);
    } finally {
      group.close(0);
    }
    group.failures().surface();
  }
}
