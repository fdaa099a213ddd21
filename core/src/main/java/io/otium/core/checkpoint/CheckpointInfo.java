package io.otium.core.checkpoint;

import java.util.List;

/**
 * A checkpoint on disk, by its commit record.
 *
 * @param created when, as ISO-8601; empty where the record is broken
 * @param bytes of all its files
 * @param ranks how many wrote it
 * @param nonFinite keys of tensors that hold NaN or infinity
 * @param problem why it cannot be loaded, in a sentence; empty for a good one. Checksums are looked
 *     at by {@link Checkpoints#verify} and when loading
 */
public record CheckpointInfo(
    long version, String created, long bytes, int ranks, List<String> nonFinite, String problem) {
  public CheckpointInfo {
    nonFinite = List.copyOf(nonFinite);
  }
}
