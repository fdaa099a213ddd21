package io.otium.core.data;

/**
 * Batches without end, epoch after epoch. What comes next depends on the {@link Cursor} alone: a
 * source of the same data that is moved there goes on with the same batches.
 */
public interface BatchSource<B> {
  B next();

  /** Where the next batch begins. */
  Cursor cursor();

  /**
   * Goes on from there.
   *
   * @throws IllegalArgumentException if the epoch has no such position
   */
  void seek(Cursor cursor);

  /** Batches of an epoch; epochs may differ. */
  int batches(int epoch);
}
