package io.otium.lm.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that go through the model together: one for each token that is new to its sequence's cache,
 * a sequence's rows side by side and in order. A step may go on with fewer rows after a layer
 * ({@link #keep}).
 */
final class Batch {
  /**
   * A sequence's share of a batch.
   *
   * @param adapter what is added to the model's products, or null
   */
  record Part(
      SequenceCache cache,
      SequenceHook hook,
      @Nullable AdapterWeights adapter,
      int[] tokens,
      int firstPosition,
      boolean[] wanted) {
    Part(
        SequenceCache cache, SequenceHook hook, int[] tokens, int firstPosition, boolean[] wanted) {
      this(cache, hook, null, tokens, firstPosition, wanted);
    }
  }

  final List<Part> parts;
  final int capacity;

  /** Whether any sequence has a method that sees or changes its pass. */
  final boolean hooked;

  /** The most updates beside one product that any sequence's adapter has; 0 without adapters. */
  final int mostRanks;

  final int[] token;
  final int[] position;
  final int[] part;

  /** Slots that a row sees, its own included, in the present layer. */
  final int[] visible;

  final boolean[] wanted;

  /** From how many rows on products go to the wide kernels. */
  int wideFrom = Integer.MAX_VALUE;

  /** Whether attention is computed in bf16, straight from the pages. */
  boolean halves;

  /** The rows still in flight. */
  int rows;

  /** Rows whose logits were asked for, in order. */
  int wantedRows;

  /** For each part its rows in flight: {@code [first, end)}. */
  final int[] first;

  final int[] end;

  /** Embeddings in place of the tokens' own, {@code [rows, width]}; null for none. */
  final float @Nullable [] given;

  Batch(List<Part> parts) {
    this(parts, null);
  }

  /**
   * One sequence of embeddings.
   *
   * @param given {@code [tokens, width]}
   */
  Batch(Part part, float[] given) {
    this(List.of(part), given);
  }

  private Batch(List<Part> parts, float @Nullable [] given) {
    this.given = given;
    this.parts = parts;
    this.capacity = parts.stream().mapToInt(p -> p.tokens().length).sum();
    this.hooked = parts.stream().anyMatch(p -> p.hook() != SequenceHook.NONE);
    this.mostRanks =
        parts.stream()
            .mapToInt(p -> p.adapter() == null ? 0 : p.adapter().mostRanks())
            .max()
            .orElse(0);
    this.token = new int[capacity];
    this.position = new int[capacity];
    this.part = new int[capacity];
    this.visible = new int[capacity];
    this.wanted = new boolean[capacity];
    this.first = new int[parts.size()];
    this.end = new int[parts.size()];
    for (int p = 0; p < parts.size(); p++) {
      Part some = parts.get(p);
      first[p] = rows;
      for (int i = 0; i < some.tokens().length; i++, rows++) {
        token[rows] = some.tokens()[i];
        position[rows] = some.firstPosition() + i;
        part[rows] = p;
        wanted[rows] = some.wanted()[i];
        if (wanted[rows]) wantedRows++;
      }
      end[p] = rows;
    }
  }

  /** Makes room for the rows in flight in a layer's caches; each sees the slots up to its own. */
  void enter(int layer) {
    for (int p = 0; p < parts.size(); p++) {
      SequenceCache cache = parts.get(p).cache();
      int before = cache.slots(layer);
      cache.grow(layer, end[p] - first[p]);
      for (int r = first[p]; r < end[p]; r++) {
        visible[r] = ++before;
        if (cache.keepsPositions()) cache.place(layer, before - 1, position[r]);
      }
    }
  }

  /** What a hook is told of its sequence's share. */
  SequenceHook.Step step(int p) {
    Part some = parts.get(p);
    int[] positions = Arrays.copyOfRange(position, first[p], end[p]);
    boolean[] asked = some.wanted();
    return new SequenceHook.Step(
        some.firstPosition(),
        some.tokens(),
        positions,
        some.tokens().length > 1,
        asked[asked.length - 1]);
  }

  /**
   * Only the rows that {@code kept} names go on.
   *
   * @param moved called with (from, to) for each row that changes its place, in order
   */
  void keep(boolean[] kept, Move moved) {
    int to = 0;
    for (int p = 0; p < first.length; p++) {
      int from = first[p];
      int until = end[p];
      first[p] = to;
      for (int r = from; r < until; r++) {
        if (!kept[r]) continue;
        if (r != to) {
          token[to] = token[r];
          position[to] = position[r];
          part[to] = part[r];
          visible[to] = visible[r];
          wanted[to] = wanted[r];
          moved.row(r, to);
        }
        to++;
      }
      end[p] = to;
    }
    rows = to;
  }

  /** Moves the data of a row. */
  @FunctionalInterface
  interface Move {
    void row(int from, int to);
  }
}
