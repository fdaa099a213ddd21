package io.otium.core.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A data set's positions in two parts without common ones, each in ascending order.
 *
 * @param train what is learnt from
 * @param heldOut what is kept for evaluation
 */
public record Split(int[] train, int[] heldOut) {

  /**
   * A random split.
   *
   * @param share of the examples that is held out, in {@code [0, 1]}; rounded to the nearest number
   */
  public static Split of(int size, double share, long seed) {
    check(share);
    boolean[] out = new boolean[size];
    choose(IntStream.range(0, size).toArray(), share, SplitMix64.of(seed, "split"), out);
    return of(out);
  }

  /**
   * A random split with the same share of every label held out; of a label with at least two
   * examples, at least one stays on each side unless the share is 0 or 1.
   *
   * @param labels of the examples, by position; compared by {@code equals}
   */
  public static Split stratified(List<?> labels, double share, long seed) {
    check(share);
    Map<Object, List<Integer>> byLabel = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      byLabel.computeIfAbsent(labels.get(i), label -> new ArrayList<>()).add(i);
    }
    boolean[] out = new boolean[labels.size()];
    int stratum = 0;
    for (List<Integer> members : byLabel.values()) {
      int[] items = members.stream().mapToInt(Integer::intValue).toArray();
      double least = share > 0 && items.length > 1 ? 1.0 / items.length : 0;
      double most = share < 1 && items.length > 1 ? 1 - 1.0 / items.length : 1;
      choose(items, Math.clamp(share, least, most), SplitMix64.of(seed, "stratum", stratum++), out);
    }
    return of(out);
  }

  private static void choose(int[] items, double share, SplitMix64 random, boolean[] out) {
    random.shuffle(items);
    long wanted = Math.round(share * items.length);
    for (int i = 0; i < wanted; i++) {
      out[items[i]] = true;
    }
  }

  private static Split of(boolean[] out) {
    return new Split(
        IntStream.range(0, out.length).filter(i -> !out[i]).toArray(),
        IntStream.range(0, out.length).filter(i -> out[i]).toArray());
  }

  private static void check(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("the share held out must be from 0 to 1, not " + share);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Split split
        && Arrays.equals(train, split.train)
        && Arrays.equals(heldOut, split.heldOut);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(train) + Arrays.hashCode(heldOut);
  }

  @Override
  public String toString() {
    return "Split[" + train.length + " to train, " + heldOut.length + " held out]";
  }
}
