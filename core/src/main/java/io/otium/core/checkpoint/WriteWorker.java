package io.otium.core.checkpoint;

import io.otium.core.checkpoint.StagedWork.End;
import io.otium.core.checkpoint.StagedWork.Region;
import io.otium.core.checkpoint.StagedWork.Staged;

/** The second hop: writes what is staged, frees its place, and ends each request. */
final class WriteWorker implements Runnable {
  private final WorkQueue<StagedWork> incoming;
  private final StagingBuffer staging;
  private final ShardWriter writer;
  private final CommitGroup group;

  WriteWorker(
      WorkQueue<StagedWork> incoming,
      StagingBuffer staging,
      ShardWriter writer,
      CommitGroup group) {
    this.incoming = incoming;
    this.staging = staging;
    this.writer = writer;
    this.group = group;
  }

  @Override
  public void run() {
    try {
      for (StagedWork work; (work = incoming.first()) != null; ) {
        try {
          switch (work) {
            case Staged staged -> write(staged);
            case End end -> writer.finish(end.request());
            case Region region -> throw new IllegalStateException("not staged: " + region.key());
          }
        } catch (RuntimeException | Error e) {
          work.request().fail(e);
          group.failures().report(e);
        }
        incoming.removeFirst();
      }
    } catch (InterruptedException aborted) {
      // close() says what became of the requests.
    }
  }

  private void write(Staged staged) throws InterruptedException {
    try {
      writer.write(
          staged.request(),
          staged.key(),
          staged.type(),
          staging.slice(staged.start(), staged.size()),
          staged.offset());
    } finally {
      staging.ring().free(staged.start());
    }
  }
}
