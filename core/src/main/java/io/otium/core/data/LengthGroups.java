package io.otium.core.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Batches of examples of like length, so that padding them to the longest wastes little: within
 * windows of {@value #WINDOW} batches of an order, examples are sorted by length, and the batches
 * then visited in random order. The batch with the longest example comes first in every epoch, so
 * that a run which cannot hold it fails at once.
 */
public final class LengthGroups implements Order {
  /** Batches sorted together: enough to find like lengths, few enough to stay random. */
  private static final int WINDOW = 50;

  private final Order order;
  private final int[] lengths;
  private final int batchSize;
  private final long seed;

  /**
   * @param lengths by position of the example
   * @param batchSize examples in a batch, as {@link Batches} has it
   */
  public LengthGroups(Order order, int[] lengths, int batchSize, long seed) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 example, not " + batchSize);
    }
    this.order = order;
    this.lengths = lengths.clone();
    this.batchSize = batchSize;
    this.seed = seed;
  }

  @Override
  public int[] epoch(int epoch) {
    Integer[] items = IntStream.of(order.epoch(epoch)).boxed().toArray(Integer[]::new);
    int window = Math.multiplyExact(WINDOW, batchSize);
    Comparator<Integer> longestFirst = Comparator.comparingInt(i -> -lengths[i]);
    for (int from = 0; from < items.length; from += window) {
      Arrays.sort(items, from, Math.min(items.length, from + window), longestFirst);
    }
    int whole = items.length / batchSize;
    int[] batches = SplitMix64.of(seed, "groups", epoch).permutation(whole);
    int longest = 0;
    for (int b = 1; b < whole; b++) {
      if (lengths[items[batches[b] * batchSize]] > lengths[items[batches[longest] * batchSize]]) {
        longest = b;
      }
    }
    if (whole > 0) {
      int swap = batches[0];
      batches[0] = batches[longest];
      batches[longest] = swap;
    }
    int[] out = new int[items.length];
    for (int i = 0; i < items.length; i++) {
      int from = i < whole * batchSize ? batches[i / batchSize] * batchSize + i % batchSize : i;
      out[i] = items[from];
    }
    return out;
  }
}
