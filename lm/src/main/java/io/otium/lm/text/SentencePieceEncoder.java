package io.otium.lm.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * SentencePiece's byte-pair encoding (Llama 2, Mistral, Gemma): over the whole text, with {@code ▁}
 * for spaces, the neighbours whose union has the best score are merged until none is left;
 * characters that are no token become byte tokens.
 */
final class SentencePieceEncoder implements TextEncoder {
  private final Map<String, Integer> ids;
  private final float[] scores;
  private final boolean spacePrefix;
  private final int unknown;
  private final int[] byteIds = new int[256];

  /**
   * @param spacePrefix whether a text that starts, or follows a special token, gets a space first
   * @param unknown id for what cannot be encoded, or -1 to leave it out
   */
  SentencePieceEncoder(Vocabulary vocabulary, float[] scores, boolean spacePrefix, int unknown) {
    this.ids = new HashMap<>(vocabulary.textIds());
    this.scores = scores;
    this.spacePrefix = spacePrefix;
    this.unknown = unknown;
    Arrays.fill(byteIds, -1);
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.kinds()[id] == Vocabulary.BYTE) {
        Integer b = Vocabulary.byteToken(vocabulary.tokens()[id]);
        if (b != null) {
          byteIds[b] = id;
        }
      }
    }
  }

  private record Candidate(float score, int at, int length, int id)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byScore = Float.compare(other.score, score);
      return byScore != 0 ? byScore : Integer.compare(at, other.at);
    }
  }

  @Override
  public void encode(String text, boolean start, IntArray out) {
    if (text.isEmpty()) {
      return;
    }
    String s = (spacePrefix && start ? " " + text : text).replace(' ', '\u2581');
    int n = s.length();
    // A piece is known by where it starts: its length there, 0 where it was merged into another.
    var length = new int[n];
    var previous = new int[n];
    for (int i = 0, before = -1; i < n; before = i, i += length[i]) {
      length[i] = Character.charCount(s.codePointAt(i));
      previous[i] = before;
    }
    var queue = new PriorityQueue<Candidate>();
    for (int i = 0; i < n; i += length[i]) {
      offer(queue, s, length, i);
    }
    while (!queue.isEmpty()) {
      Candidate c = queue.poll();
      int right = c.at + length[c.at];
      if (length[c.at] == 0 || right >= n || length[c.at] + length[right] != c.length) {
        continue;
      }
      length[c.at] = c.length;
      length[right] = 0;
      int after = c.at + c.length;
      if (after < n) {
        previous[after] = c.at;
      }
      offer(queue, s, length, c.at);
      if (previous[c.at] >= 0) {
        offer(queue, s, length, previous[c.at]);
      }
    }
    for (int i = 0; i < n; i += length[i]) {
      add(s.substring(i, i + length[i]), out);
    }
  }

  /** Offers the piece at {@code i} and the one behind it for a merge. */
  private void offer(PriorityQueue<Candidate> queue, String s, int[] length, int i) {
    int right = i + length[i];
    if (right < s.length()) {
      int end = right + length[right];
      Integer id = ids.get(s.substring(i, end));
      if (id != null) {
        queue.add(new Candidate(scores[id], i, end - i, id));
      }
    }
  }

  private void add(String piece, IntArray out) {
    Integer id = ids.get(piece);
    if (id != null) {
      out.add(id);
      return;
    }
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (byteIds[b & 0xff] < 0) {
        if (unknown >= 0) {
          out.add(unknown);
        }
        return;
      }
    }
    for (byte b : bytes) {
      out.add(byteIds[b & 0xff]);
    }
  }
}
