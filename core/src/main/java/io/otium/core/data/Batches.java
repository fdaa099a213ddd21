package io.otium.core.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Batches of a fixed number of examples; an epoch's last one may be smaller, or is left out. */
public final class Batches<T> implements BatchSource<List<T>> {
  private final Examples<T> examples;
  private final Order order;
  private final int batchSize;
  private final boolean dropLast;

  private int epoch;
  private int position;

  /** The current epoch's order. */
  private int[] items;

  /**
   * @param dropLast whether an epoch's last examples, too few for a batch, are left out
   * @throws IllegalArgumentException if an epoch would have no batch
   */
  public Batches(Examples<T> examples, Order order, int batchSize, boolean dropLast) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 example, not " + batchSize);
    }
    this.examples = examples;
    this.order = order;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
    this.items = order.epoch(0);
    if (count(items.length) == 0) {
      throw new IllegalArgumentException(
          "%d examples make no batch of %d".formatted(items.length, batchSize));
    }
  }

  @Override
  public List<T> next() {
    List<T> batch = new ArrayList<>(batchSize);
    for (int index : nextIndices()) {
      batch.add(examples.get(index));
    }
    return batch;
  }

  /** The next batch as positions of its examples. */
  public int[] nextIndices() {
    if (finished()) {
      epoch++;
      position = 0;
      items = order.epoch(epoch);
    }
    int end = Math.min(items.length, position + batchSize);
    int[] batch = Arrays.copyOfRange(items, position, end);
    position = end;
    return batch;
  }

  private boolean finished() {
    return position >= items.length || (dropLast && position + batchSize > items.length);
  }

  @Override
  public Cursor cursor() {
    return finished() ? new Cursor(epoch + 1, 0) : new Cursor(epoch, position);
  }

  @Override
  public void seek(Cursor cursor) {
    int[] wanted = order.epoch(cursor.epoch());
    if (cursor.position() > wanted.length) {
      throw new IllegalArgumentException(
          "epoch %d has %d examples, so none at %d; the data is not what it was"
              .formatted(cursor.epoch(), wanted.length, cursor.position()));
    }
    epoch = cursor.epoch();
    position = cursor.position();
    items = wanted;
  }

  @Override
  public int batches(int epoch) {
    return count(epoch == this.epoch ? items.length : order.epoch(epoch).length);
  }

  private int count(int examples) {
    return dropLast ? examples / batchSize : Math.ceilDiv(examples, batchSize);
  }

  /**
   * A process's part of a joint batch: those at {@code rank}, {@code rank + ranks} and so on. The
   * parts of all ranks are the batch, whatever their number.
   */
  public static int[] share(int[] batch, int rank, int ranks) {
    if (rank < 0 || rank >= ranks) {
      throw new IllegalArgumentException("of " + ranks + " processes none is number " + rank);
    }
    int[] share = new int[Math.max(0, Math.ceilDiv(batch.length - rank, ranks))];
    for (int i = 0; i < share.length; i++) {
      share[i] = batch[rank + i * ranks];
    }
    return share;
  }
}
