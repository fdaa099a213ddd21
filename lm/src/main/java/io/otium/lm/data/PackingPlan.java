package io.otium.lm.data;

import io.otium.core.data.SplitMix64;
import io.otium.lm.data.PackingOptions.Packing;
import io.otium.lm.data.PackingOptions.TooLong;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * An epoch's rows: which pieces of which documents stand in which row. A few numbers for each
 * piece, and nothing of its tokens.
 */
final class PackingPlan {
  /**
   * Documents that are packed together. Best fit finds near-full rows among a few thousand; more
   * would put the long ones of a whole epoch together.
   */
  private static final int WINDOW = 2048;

  private final PackingOptions options;
  private int[] documents = new int[1024];
  private int[] froms = new int[1024];
  private int[] lengths = new int[1024];
  private int pieces;

  /** Where each row's pieces begin in {@link #order}. */
  private int[] rowStarts = new int[1024];

  private int[] order = new int[0];
  private int rows;

  private int truncated;
  private int dropped;

  /**
   * @param visited documents in the order of the epoch
   * @param random decides the order of rows that are packed together
   */
  PackingPlan(TokenDocuments source, int[] visited, PackingOptions options, SplitMix64 random) {
    this.options = options;
    if (options.packing() == Packing.STREAM) {
      stream(source, visited);
    } else {
      for (int document : visited) {
        cut(source, document);
      }
      order = new int[pieces];
      if (options.packing() == Packing.NONE) {
        for (int i = 0; i < pieces; i++) {
          order[i] = i;
          endRow(i + 1);
        }
      } else {
        for (int from = 0; from < pieces; from += WINDOW) {
          pack(from, Math.min(pieces, from + WINDOW), random);
        }
      }
    }
  }

  int rows() {
    return rows;
  }

  /** Documents of which a part is left out. */
  int truncated() {
    return truncated;
  }

  /** Documents that are left out: too long, too short to learn from, or cut to where nothing is. */
  int dropped() {
    return dropped;
  }

  /** Pieces of a row. */
  int pieces(int row) {
    return rowStarts[row + 1] - rowStarts[row];
  }

  /** A piece's tokens with labels. */
  int[] read(TokenDocuments source, int row, int piece) {
    int p = order[rowStarts[row] + piece];
    return source.read(documents[p], froms[p], lengths[p]);
  }

  private void add(int document, int from, int length) {
    if (pieces == documents.length) {
      documents = Arrays.copyOf(documents, 2 * pieces);
      froms = Arrays.copyOf(froms, 2 * pieces);
      lengths = Arrays.copyOf(lengths, 2 * pieces);
    }
    documents[pieces] = document;
    froms[pieces] = from;
    lengths[pieces++] = length;
  }

  private void endRow(int end) {
    if (rows + 1 == rowStarts.length) {
      rowStarts = Arrays.copyOf(rowStarts, 2 * rowStarts.length);
    }
    rowStarts[++rows] = end;
  }

  private void stream(TokenDocuments source, int[] visited) {
    int room = options.rowLength();
    for (int document : visited) {
      int length = source.length(document);
      for (int from = 0; from < length; ) {
        int taken = Math.min(room, length - from);
        add(document, from, taken);
        from += taken;
        room -= taken;
        if (room == 0) {
          endRow(pieces);
          room = options.rowLength();
        }
      }
    }
    if (room < options.rowLength()) {
      endRow(pieces);
    }
    order = new int[pieces];
    for (int i = 0; i < pieces; i++) {
      order[i] = i;
    }
  }

  private void cut(TokenDocuments source, int document) {
    int length = source.length(document);
    int most = options.rowLength();
    if (length < 2 || (length > most && options.tooLong() == TooLong.DROP)) {
      dropped++;
    } else if (length <= most) {
      add(document, 0, length);
    } else if (options.tooLong() == TooLong.SPLIT) {
      int before = pieces;
      for (int from = 0; from < length; from += most) {
        addIfLearned(source, document, from, Math.min(most, length - from));
      }
      dropped += pieces == before ? 1 : 0;
    } else {
      int from = options.tooLong() == TooLong.KEEP_END ? length - most : 0;
      boolean kept = addIfLearned(source, document, from, most);
      truncated += kept ? 1 : 0;
      dropped += kept ? 0 : 1;
    }
  }

  private boolean addIfLearned(TokenDocuments source, int document, int from, int length) {
    int[] piece = source.read(document, from, length);
    for (int i = 1; i < piece.length; i++) {
      if (piece[i] >= 0) {
        add(document, from, length);
        return true;
      }
    }
    return false;
  }

  /** Best fit, the longest first; the rows then stand in random order. */
  private void pack(int from, int to, SplitMix64 random) {
    Integer[] byLength = new Integer[to - from];
    Arrays.setAll(byLength, i -> from + i);
    Arrays.sort(byLength, (a, b) -> Integer.compare(lengths[b], lengths[a]));
    int[] rowOf = new int[to - from];
    int[] sizes = new int[to - from];
    int opened = 0;
    // Rows by the room that is left in them; each a stack through "below".
    TreeMap<Integer, Integer> top = new TreeMap<>();
    int[] below = new int[to - from];
    for (int piece : byLength) {
      Map.Entry<Integer, Integer> fit = top.ceilingEntry(lengths[piece]);
      int row;
      int room;
      if (fit == null) {
        row = opened++;
        room = options.rowLength();
      } else {
        row = fit.getValue();
        room = fit.getKey();
        if (below[row] < 0) {
          top.remove(room);
        } else {
          top.put(room, below[row]);
        }
      }
      rowOf[piece - from] = row;
      sizes[row]++;
      Integer under = top.put(room - lengths[piece], row);
      below[row] = under == null ? -1 : under;
    }
    int[] shuffled = random.permutation(opened);
    int[] next = new int[opened];
    int at = from;
    for (int row : shuffled) {
      next[row] = at;
      at += sizes[row];
      endRow(at);
    }
    for (int piece = from; piece < to; piece++) {
      order[next[rowOf[piece - from]]++] = piece;
    }
  }
}
