package io.otium.core.checkpoint;

import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Options;
import io.otium.core.options.Range;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often, where through and how a run's checkpoints are written. */
@Doc("Checkpoints of a run")
public record CheckpointOptions(
    @Doc("Iterations from one checkpoint to the next") @Range(min = 1) int interval,
    @Doc(
            "lazy copies in the background until the next update, snapshot-then-flush copies at"
                + " once and writes in the background, sync does both at once")
        Mode mode,
    @Doc("Bytes of the buffer between memory and disk; unset: twice the state") @Range(min = 1)
        @Nullable Long stagingBytes,
    @Doc("Bytes of a part in which larger tensors are staged; unset: tensors are not split")
        @Range(min = 64)
        @Nullable Long chunkBytes,
    @Doc("Threads that encode what is not a tensor") @Range(min = 1, max = 64) int parserThreads,
    @Doc("Checkpoints kept; older ones are deleted") @Range(min = 1) int keepLast,
    @Doc("Wait for the medium before a checkpoint counts, so that it survives a power cut")
        boolean fsync,
    @Doc("Seconds that the end of the run waits for unwritten checkpoints") @Range(min = 0)
        double drainTimeout,
    @Doc("Slow the copy into the buffer down to so many bytes a second, for experiments")
        @Range(min = 1)
        @Nullable Long throttleCopy,
    @Doc("Slow writing to disk down to so many bytes a second, for experiments") @Range(min = 1)
        @Nullable Long throttleWrite) {

  /** When training stands still. */
  public enum Mode {
    LAZY,
    SNAPSHOT_THEN_FLUSH,
    SYNC
  }

  public CheckpointOptions {
    if (chunkBytes != null && stagingBytes != null && chunkBytes > stagingBytes) {
      throw OptionException.invalid(
          "chunk_bytes", chunkBytes, "at most staging_bytes (" + stagingBytes + ")");
    }
  }

  /** The defaults, with a checkpoint after every so many iterations. */
  public static CheckpointOptions every(int interval) {
    return new CheckpointOptions(interval, Mode.LAZY, null, null, 2, 3, true, 60, null, null);
  }

  /** Their description, for recipes and flags; a checkpoint every 100 iterations by default. */
  public static Options<CheckpointOptions> options() {
    return Options.describe(CheckpointOptions.class, every(100));
  }

  /**
   * These options with some changed.
   *
   * @param changes by their keys in a recipe, such as {@code keep_last}
   * @throws OptionException as for a recipe
   */
  public CheckpointOptions with(Map<String, ?> changes) {
    return options().with(this, changes);
  }

  /** Whether a checkpoint is due after this iteration; the first is iteration 1. */
  public boolean isDue(long iteration) {
    return iteration % interval == 0;
  }

  /**
   * Opens a folder for a run's checkpoints; it is made where it is missing.
   *
   * @throws CheckpointException if the folder cannot be written, or another run writes there
   */
  public Checkpointer to(Path folder) {
    return to(folder, CheckpointListener.NONE);
  }

  /** As {@link #to(Path)}, telling what happens. */
  public Checkpointer to(Path folder, CheckpointListener listener) {
    return to(folder, listener, new FileDisk());
  }

  /** As {@link #to(Path, CheckpointListener)}, on another disk. */
  Checkpointer to(Path folder, CheckpointListener listener, Disk disk) {
    CommitGroup group = new CommitGroup(folder, 1, this, disk, listener);
    return switch (mode) {
      case LAZY -> new LazyCheckpointer(0, this, group, true);
      case SNAPSHOT_THEN_FLUSH -> new SnapshotThenFlushCheckpointer(this, group);
      case SYNC -> new SyncCheckpointer(this, group);
    };
  }
}
