package io.otium.lm.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-level byte-pair encoding (GPT-2, Llama 3, Qwen, SmolLM): words become bytes, bytes ids, and
 * the pair whose merge was learnt first is merged until none is left.
 *
 * <p>In Java rather than through DJL because a cold start pays for DJL's native library and its
 * JSON; the numbers are in docs/decisions.md, and a test holds both to the same ids.
 */
final class ByteLevelEncoder implements TextEncoder {
  /** Longer words are merged by a queue; shorter ones by looking at all pairs, which is faster. */
  private static final int SHORT = 48;

  private final PreTokenizer preTokenizer;
  private final Merges merges;
  private final int[] byteIds = new int[256];

  /** Ids of whole words, if words in the vocabulary skip the merges; else empty. */
  private final Map<String, Integer> wholeWords;

  ByteLevelEncoder(
      PreTokenizer preTokenizer, Map<String, Integer> ids, Merges merges, boolean ignoreMerges) {
    this.preTokenizer = preTokenizer;
    this.merges = merges;
    this.wholeWords = ignoreMerges ? ids : Map.of();
    for (int b = 0; b < 256; b++) {
      // Some vocabularies lack bytes (SmolLM2 lacks 21): those encode to nothing, as elsewhere.
      Integer id = ids.get(String.valueOf(ByteLevel.character(b)));
      byteIds[b] = id == null ? -1 : id;
    }
  }

  @Override
  public void encode(String text, boolean start, IntArray out) {
    preTokenizer.words(text, word -> encodeWord(word, out));
  }

  private void encodeWord(String word, IntArray out) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    if (!wholeWords.isEmpty()) {
      var spelled = new char[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        spelled[i] = ByteLevel.character(bytes[i] & 0xff);
      }
      Integer id = wholeWords.get(new String(spelled));
      if (id != null) {
        out.add(id);
        return;
      }
    }
    var ids = new int[bytes.length];
    int n = 0;
    for (byte b : bytes) {
      int id = byteIds[b & 0xff];
      if (id >= 0) {
        ids[n++] = id;
      }
    }
    n = n <= SHORT ? mergeShort(ids, n) : mergeLong(ids, n);
    for (int i = 0; i < n; i++) {
      out.add(ids[i]);
    }
  }

  private int mergeShort(int[] ids, int n) {
    while (n > 1) {
      long best = Long.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < n; i++) {
        long merge = merges.get(ids[i], ids[i + 1]);
        if (merge >= 0 && merge < best) {
          best = merge;
          at = i;
        }
      }
      if (at < 0) {
        break;
      }
      ids[at] = (int) best;
      System.arraycopy(ids, at + 2, ids, at + 1, n - at - 2);
      n--;
    }
    return n;
  }

  /** A candidate merge; stale once either side has changed. */
  private record Candidate(long merge, int at, int left, int right)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byRank = Long.compare(merge, other.merge);
      return byRank != 0 ? byRank : Integer.compare(at, other.at);
    }
  }

  private int mergeLong(int[] ids, int n) {
    var next = new int[n];
    var previous = new int[n];
    for (int i = 0; i < n; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    var queue = new PriorityQueue<Candidate>();
    for (int i = 0; i + 1 < n; i++) {
      offer(queue, ids, i, i + 1);
    }
    while (!queue.isEmpty()) {
      Candidate c = queue.poll();
      int right = next[c.at];
      if (ids[c.at] != c.left || right >= n || ids[right] != c.right) {
        continue;
      }
      ids[c.at] = (int) c.merge;
      ids[right] = -1;
      next[c.at] = next[right];
      if (next[right] < n) {
        previous[next[right]] = c.at;
        offer(queue, ids, c.at, next[c.at]);
      }
      if (previous[c.at] >= 0) {
        offer(queue, ids, previous[c.at], c.at);
      }
    }
    int[] left = Arrays.stream(ids, 0, n).filter(id -> id >= 0).toArray();
    System.arraycopy(left, 0, ids, 0, left.length);
    return left.length;
  }

  private void offer(PriorityQueue<Candidate> queue, int[] ids, int left, int right) {
    long merge = merges.get(ids[left], ids[right]);
    if (merge >= 0) {
      queue.add(new Candidate(merge, left, ids[left], ids[right]));
    }
  }
}
