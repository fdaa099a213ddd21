package io.otium.core.checkpoint;

/**
 * What happened to a checkpoint.
 *
 * @param version the iteration that it holds
 * @param rank of the shard; −1 for the whole checkpoint
 * @param bytes of the tensors, or of the files once they are durable
 * @param seconds since {@code save} was called
 * @param detail for FAILED: why; for DURABLE: which tensors hold NaN or infinity; else empty
 */
public record CheckpointEvent(
    Kind kind, long version, int rank, long bytes, double seconds, String detail) {

  /** The steps of a checkpoint's life. */
  public enum Kind {
    ENQUEUED("ckpt.enqueued"),
    SNAPSHOTTED("ckpt.snapshotted"),
    DURABLE("ckpt.durable"),
    FAILED("ckpt.failed");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As metrics and logs name it. */
    public String word() {
      return word;
    }
  }
}
