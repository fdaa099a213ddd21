package io.otium.core.checkpoint;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The plain baseline: {@code save} copies, encodes and writes in the training thread, one hop after
 * the other, so that a checkpoint stalls it for S/B01 + S/B12.
 */
public final class SyncCheckpointer implements Checkpointer {
  private final CheckpointOptions options;
  private final CommitGroup group;
  private final CheckpointMeter meter = new CheckpointMeter();
  private final ShardWriter writer;
  private final Throttle throttle;
  private long lastVersion = -1;
  private boolean closed;

  SyncCheckpointer(CheckpointOptions options, CommitGroup group) {
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
    try (BlockingCopy copy = new BlockingCopy(parsed, throttle, meter)) {
      group.tell(Kind.SNAPSHOTTED, version, 0, request.bytes(), started, "");
      copy.writeTo(writer, request);
    } catch (InterruptedException e) {
      throw CommitGroup.interrupted(e);
    }
    meter.saved(request.bytes(), System.nanoTime() - started);
    group.failures().surface();
  }

  @Override
  public void awaitSnapshot() {
    meter.waited(0);
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
    if (!closed) {
      closed = true;
      group.close(0);
      group.failures().surface();
    }
  }
}
