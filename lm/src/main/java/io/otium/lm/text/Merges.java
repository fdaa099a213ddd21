package io.otium.lm.text;

import java.util.List;
import java.util.Map;

/** The merges of a byte-pair encoding: from a pair of ids to its rank and the id it becomes. */
final class Merges {
  private final long[] pairs;

  /** Rank in the upper half, merged id in the lower. */
  private final long[] values;

  private final int mask;

  private Merges(int capacity) {
    pairs = new long[capacity];
    values = new long[capacity];
    mask = capacity - 1;
    java.util.Arrays.fill(pairs, -1);
  }

  /**
   * @param merges as GGUF has them: two tokens with a space between
   * @param ids of all tokens
   */
  static Merges of(List<String> merges, Map<String, Integer> ids) {
    var out = new Merges(capacity(merges.size()));
    for (int rank = 0; rank < merges.size(); rank++) {
      String merge = merges.get(rank);
      // A token may be a space itself where tokens are not byte-level; the split is not at index 0.
      int space = merge.indexOf(' ', 1);
      if (space < 0 || space + 1 == merge.length()) {
        throw new IllegalArgumentException(
            "the tokenizer's merge " + rank + " is '" + merge + "', not two tokens");
      }
      out.put(merge.substring(0, space), merge.substring(space + 1), rank, ids);
    }
    return out;
  }

  static Merges ofPairs(List<String[]> merges, Map<String, Integer> ids) {
    var out = new Merges(capacity(merges.size()));
    for (int rank = 0; rank < merges.size(); rank++) {
      out.put(merges.get(rank)[0], merges.get(rank)[1], rank, ids);
    }
    return out;
  }

  private static int capacity(int merges) {
    return Integer.highestOneBit(Math.max(1, merges)) << 2;
  }

  private void put(String first, String second, int rank, Map<String, Integer> ids) {
    Integer left = ids.get(first);
    Integer right = ids.get(second);
    Integer merged = ids.get(first.concat(second));
    if (left == null || right == null || merged == null) {
      throw new IllegalArgumentException(
          "the tokenizer's merge "
              + rank
              + " '"
              + first
              + " "
              + second
              + "' names a token that is not there");
    }
    put(left, right, rank, merged);
  }

  private void put(int left, int right, int rank, int merged) {
    long pair = (long) left << 32 | right;
    int at = slot(pair);
    while (pairs[at] >= 0) {
      if (pairs[at] == pair) {
        return;
      }
      at = (at + 1) & mask;
    }
    pairs[at] = pair;
    values[at] = (long) rank << 32 | merged;
  }

  private int slot(long pair) {
    long h = pair * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 40) & mask;
  }

  /** Rank (upper half) and merged id (lower half) of a pair, or -1 if it does not merge. */
  long get(int left, int right) {
    long pair = (long) left << 32 | right;
    for (int at = slot(pair); pairs[at] >= 0; at = (at + 1) & mask) {
      if (pairs[at] == pair) {
        return values[at];
      }
    }
    return -1;
  }
}
