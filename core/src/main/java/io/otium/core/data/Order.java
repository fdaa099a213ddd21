package io.otium.core.data;

/**
 * In which order examples are visited: a pure function of the epoch, so that a run that was killed
 * goes on at a {@link Cursor} with the very examples it would have seen. Holds at most one epoch's
 * permutation.
 */
@FunctionalInterface
public interface Order {
  /**
   * Positions of the examples to visit in an epoch; the caller owns the array.
   *
   * @param epoch from 0 on
   */
  int[] epoch(int epoch);

  /** As they stand, in every epoch. */
  static Order sequential(int size) {
    return epoch -> {
      int[] items = new int[size];
      for (int i = 0; i < size; i++) {
        items[i] = i;
      }
      return items;
    };
  }

  /** A new permutation in every epoch, each a function of the seed and the epoch alone. */
  static Order shuffled(int size, long seed) {
    return epoch -> SplitMix64.of(seed, "order", epoch).permutation(size);
  }
}
