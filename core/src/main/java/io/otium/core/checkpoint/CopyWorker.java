package io.otium.core.checkpoint;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import io.otium.core.checkpoint.StagedWork.End;
import io.otium.core.checkpoint.StagedWork.Region;
import io.otium.core.checkpoint.StagedWork.Staged;

/** The first hop: copies regions from the tensors' memory into the staging buffer. */
final class CopyWorker implements Runnable {
  private final int rank;
  private final WorkQueue<StagedWork> incoming;
  private final WorkQueue<StagedWork> outgoing;
  private final StagingBuffer staging;
  private final Throttle throttle;
  private final CommitGroup group;
  private final CheckpointMeter meter;

  CopyWorker(
      int rank,
      WorkQueue<StagedWork> incoming,
      WorkQueue<StagedWork> outgoing,
      StagingBuffer staging,
      Throttle throttle,
      CommitGroup group,
      CheckpointMeter meter) {
    this.rank = rank;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.staging = staging;
    this.throttle = throttle;
    this.group = group;
    this.meter = meter;
  }

  @Override
  public void run() {
    try {
      for (StagedWork work; (work = incoming.first()) != null; ) {
        try {
          switch (work) {
            case Region region when region.request().failure() == null -> stage(region);
            case End end -> end(end);
            default -> {}
          }
        } catch (RuntimeException | Error e) {
          work.request().fail(e);
        }
        incoming.removeFirst();
      }
    } catch (InterruptedException aborted) {
      // close() says what became of the requests.
    }
  }

  private void stage(Region region) throws InterruptedException {
    long size = region.source().byteSize();
    long start = staging.ring().allocate(size);
    long begun = System.nanoTime();
    try {
      throttle.copy(region.source(), staging.slice(start, size));
    } catch (RuntimeException | Error e) {
      region.request().fail(e);
    }
    meter.copied(size, System.nanoTime() - begun);
    // Also after a failure: the next hop frees the place.
    outgoing.add(
        new Staged(
            region.request(), region.key(), region.tensor().type(), start, size, region.offset()));
  }

  private void end(End end) {
    SaveRequest request = end.request();
    if (request.failure() == null) {
      group.tell(Kind.SNAPSHOTTED, request.version(), rank, request.bytes(), request.started(), "");
    }
    outgoing.add(end);
  }
}
