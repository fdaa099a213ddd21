package io.otium.core.data;

import java.util.Arrays;
import java.util.List;

/**
 * Several data sets mixed by weights. Every epoch has the same number of examples of each data set,
 * its weight's share rounded, in random order; within a data set, one shuffled pass follows the
 * other, so a small one with a large weight repeats and a large one with a small weight goes on in
 * the next epoch where it stopped.
 *
 * <p>Positions count through the data sets one after the other, as {@link Examples#concat} does.
 */
public final class Mixture implements Order {
  private final int[] sizes;
  private final int[] shares;
  private final long seed;

  private Mixture(int[] sizes, int[] shares, long seed) {
    this.sizes = sizes;
    this.shares = shares;
    this.seed = seed;
  }

  /**
   * @param sizes of the data sets
   * @param weights relative, not negative, at least one above 0
   * @param epochSize examples in an epoch
   * @throws IllegalArgumentException if the weights are no weights, or weigh an empty data set
   */
  public static Mixture of(List<Integer> sizes, List<Double> weights, int epochSize, long seed) {
    if (sizes.size() != weights.size()) {
      throw new IllegalArgumentException(
          "a mixture of " + sizes.size() + " data sets has " + weights.size() + " weights");
    }
    double sum = 0;
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.get(i);
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "the weight of data set " + (i + 1) + " must be at least 0, not " + weight);
      }
      if (weight > 0 && sizes.get(i) == 0) {
        throw new IllegalArgumentException(
            "data set " + (i + 1) + " has the weight " + weight + " but no examples");
      }
      sum += weight;
    }
    if (!(sum > 0)) {
      throw new IllegalArgumentException("a mixture needs a weight above 0");
    }
    return new Mixture(
        sizes.stream().mapToInt(Integer::intValue).toArray(),
        shares(weights, sum, epochSize),
        seed);
  }

  /** Examples of each data set in an epoch. */
  public List<Integer> shares() {
    return Arrays.stream(shares).boxed().toList();
  }

  @Override
  public int[] epoch(int epoch) {
    int[] source = new int[Arrays.stream(shares).sum()];
    int filled = 0;
    for (int s = 0; s < shares.length; s++) {
      Arrays.fill(source, filled, filled + shares[s], s);
      filled += shares[s];
    }
    SplitMix64.of(seed, "mixture", epoch).shuffle(source);
    int[] start = new int[sizes.length];
    for (int s = 1; s < sizes.length; s++) {
      start[s] = Math.addExact(start[s - 1], sizes[s - 1]);
    }
    long[] drawn = new long[shares.length];
    int[][] pass = new int[shares.length][];
    long[] passNumber = new long[shares.length];
    for (int s = 0; s < shares.length; s++) {
      drawn[s] = (long) epoch * shares[s];
      passNumber[s] = -1;
    }
    for (int i = 0; i < source.length; i++) {
      int s = source[i];
      long number = drawn[s] / sizes[s];
      if (number != passNumber[s]) {
        pass[s] = SplitMix64.of(seed, "pass", s, number).permutation(sizes[s]);
        passNumber[s] = number;
      }
      source[i] = start[s] + pass[s][(int) (drawn[s]++ % sizes[s])];
    }
    return source;
  }

  /** Shares of whole examples that add up, by largest remainders. */
  private static int[] shares(List<Double> weights, double sum, int epochSize) {
    int[] shares = new int[weights.size()];
    double[] remainders = new double[weights.size()];
    int left = epochSize;
    for (int i = 0; i < shares.length; i++) {
      double exact = epochSize * weights.get(i) / sum;
      shares[i] = (int) exact;
      remainders[i] = exact - shares[i];
      left -= shares[i];
    }
    for (; left > 0; left--) {
      int largest = 0;
      for (int i = 1; i < shares.length; i++) {
        if (remainders[i] > remainders[largest]) {
          largest = i;
        }
      }
      shares[largest]++;
      remainders[largest] = -1;
    }
    return shares;
  }
}
