package io.otium.core.data;

import java.util.List;

/**
 * Random numbers for data: Steele, Lea and Flood's SplitMix64 (2014). Written out here, since an
 * order of examples or a generated text has to be the same on every JDK and for ever, and the JDK
 * specifies no generator but its weakest so far. Not safe for use by several threads.
 */
public final class SplitMix64 {
  /** What the state grows by for each number. */
  public static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  public SplitMix64(long seed) {
    state = seed;
  }

  /** The stream of a seed and keys, such as an epoch: other keys, an unrelated stream. */
  public static SplitMix64 of(long seed, long... keys) {
    long state = mix(seed + GAMMA);
    for (long key : keys) {
      state = mix(state ^ mix(key + GAMMA)) + GAMMA;
    }
    return new SplitMix64(state);
  }

  /** The same with a name for a key. */
  public static SplitMix64 of(long seed, String name, long... keys) {
    long hash = seed;
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash + GAMMA + name.charAt(i));
    }
    return of(hash, keys);
  }

  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /** Uniform in {@code [0, bound)}, {@code bound} at least 1. */
  public int below(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("no number is below " + bound + " and at least 0");
    }
    return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
  }

  /** Uniform in {@code [least, most]}. */
  public int between(int least, int most) {
    return least + below(most - least + 1);
  }

  /** Uniform in {@code [0, 1)}. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  public boolean chance(double probability) {
    return nextDouble() < probability;
  }

  public <T> T pick(List<T> items) {
    return items.get(below(items.size()));
  }

  /** Fisher and Yates's shuffle, in place. */
  public void shuffle(int[] items) {
    for (int i = items.length - 1; i > 0; i--) {
      int j = below(i + 1);
      int swap = items[i];
      items[i] = items[j];
      items[j] = swap;
    }
  }

  /** The numbers from 0 to {@code size - 1} in random order. */
  public int[] permutation(int size) {
    int[] items = new int[size];
    for (int i = 0; i < size; i++) {
      items[i] = i;
    }
    shuffle(items);
    return items;
  }

  /** What {@link #SplitMix64} needs to go on from here. */
  public long state() {
    return state;
  }

  /** SplitMix64's finaliser: every bit of the result depends on every bit of {@code z}. */
  public static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }
}
