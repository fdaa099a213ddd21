package io.otium.lm.engine;

import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Team;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Attention of a batch's rows over their sequences' pages. A block of neighbouring rows and the
 * query heads that share a key/value head pass together over the pages; a single row over a long
 * cache is split among the workers by slots, each with its own maximum and sum, and put together
 * afterwards.
 */
final class Attention {
  /** Query rows (tokens times heads of a group) that pass over the pages together. */
  private static final int BLOCK = 48;

  /**
   * Scores that a worker holds at once: as many floats as its share of the second-level cache
   * takes.
   */
  private static final int MOST_SCORES = 200_000;

  /** Fewer slots are not worth splitting. */
  private static final int SPLIT_FROM = 192;

  /** Rows of a batch that are split at most: with more there is enough for everyone to do. */
  private static final int MOST_SPLIT = 4;

  private final KvPages pages;
  private final Team team;
  private final int queryHeads;
  private final int kvHeads;
  private final int dim;
  private final int padded;
  private final int group;
  private final float scale;
  private final Scratch[] scratch;

  /**
   * {@code [row][query head][worker]}: maximum, sum, then the mixed values of that worker's slots.
   */
  private float[] partial = new float[0];

  private static final class Scratch {
    final float[] page;
    final float[] queries;
    final float[] mixed;
    float[] scores = new float[0];

    /**
     * The same in native memory: queries and weights as bf16, scores and mixed values as floats.
     */
    final MemorySegment halfQueries;

    final MemorySegment nativeMixed;
    MemorySegment nativeScores = MemorySegment.NULL;
    MemorySegment halfWeights = MemorySegment.NULL;
    final float[] maxima = new float[BLOCK * 4];
    final float[] sums = new float[BLOCK * 4];

    void reserve(int scores) {
      if (nativeScores.byteSize() >= scores * 4L) return;
      Arena arena = Arena.ofAuto(); // what it replaces goes when nobody refers to it
      nativeScores = arena.allocate(scores * 4L + 64, 64);
      halfWeights = arena.allocate(scores * 2L + 64, 64);
    }

    Scratch(int pageFloats, int padded) {
      Arena arena = Arena.ofAuto();
      halfQueries = arena.allocate(BLOCK * 4L * padded * 2, 64);
      nativeMixed = arena.allocate(BLOCK * 4L * padded * 4, 64);
      page = new float[pageFloats];
      queries = new float[BLOCK * 4 * padded];
      mixed = new float[BLOCK * 4 * padded];
    }
  }

  Attention(KvPages pages, Team team, int queryHeads, int kvHeads, int dim) {
    this.pages = pages;
    this.team = team;
    this.queryHeads = queryHeads;
    this.kvHeads = kvHeads;
    this.dim = dim;
    this.padded = KvPages.paddedDim(dim);
    this.group = queryHeads / kvHeads;
    this.scale = (float) (1 / Math.sqrt(dim));
    this.scratch = new Scratch[team.size()];
    for (int w = 0; w < scratch.length; w++)
      scratch[w] = new Scratch(pages.scratchFloats(), padded);
  }

  /** Room for as many rows, should all of them be split. */
  void reserve(int rows) {
    int need = Math.min(rows, MOST_SPLIT) * queryHeads * team.size() * (2 + padded);
    if (partial.length < need) partial = new float[need];
  }

  /** Whether any row is split among the workers. */
  boolean splits(Batch batch) {
    for (int p = 0; p < batch.parts.size(); p++) if (isSplit(batch, p)) return true;
    return false;
  }

  private boolean isSplit(Batch batch, int part) {
    return team.size() > 1
        && batch.end[part] - batch.first[part] == 1
        && batch.first[part] < MOST_SPLIT
        && batch.visible[batch.first[part]] >= SPLIT_FROM;
  }

  /**
   * This worker's share of the layer's attention.
   *
   * @param q queries at {@code [row · qStride + head · dim]}
   * @param out receives the mixed values, {@code [row][query heads · dim]}
   */
  void attend(
      int worker, int layer, Batch batch, float[] q, int qStride, float[] out, int outStride) {
    int item = 0;
    int size = team.size();
    for (int p = 0; p < batch.parts.size(); p++) {
      int rows = batch.end[p] - batch.first[p];
      if (rows == 0) continue;
      int[] table = batch.parts.get(p).cache().pageTable(layer);
      if (isSplit(batch, p)) {
        int row = batch.first[p];
        int allPages = (batch.visible[row] + KvPages.SLOTS - 1) / KvPages.SLOTS;
        int from = allPages * worker / size * KvPages.SLOTS;
        int to = Math.min(batch.visible[row], allPages * (worker + 1) / size * KvPages.SLOTS);
        for (int head = 0; head < kvHeads; head++) {
          block(
              scratch[worker],
              table,
              batch,
              head,
              row,
              row + 1,
              from,
              to,
              q,
              qStride,
              out,
              outStride,
              worker);
        }
        continue;
      }
      int most = batch.visible[batch.end[p] - 1];
      int step = Math.clamp(Math.min(BLOCK / group, MOST_SCORES / group / (most + 1)), 1, BLOCK);
      for (int row = batch.first[p]; row < batch.end[p]; row += step) {
        for (int head = 0; head < kvHeads; head++, item++) {
          // back and forth, since later blocks see more
          int turn = item % (2 * size);
          if (Math.min(turn, 2 * size - 1 - turn) != worker) continue;
          int end = Math.min(row + step, batch.end[p]);
          block(
              scratch[worker],
              table,
              batch,
              head,
              row,
              end,
              0,
              batch.visible[end - 1],
              q,
              qStride,
              out,
              outStride,
              -1);
        }
      }
    }
  }

  private void block(
      Scratch s,
      int[] table,
      Batch batch,
      int head,
      int firstRow,
      int endRow,
      int fromSlot,
      int toSlot,
      float[] q,
      int qStride,
      float[] out,
      int outStride,
      int splitWorker) {
    int n = (endRow - firstRow) * group;
    if (batch.halves) {
      halfBlock(
          s,
          table,
          batch,
          head,
          firstRow,
          n,
          fromSlot,
          toSlot,
          q,
          qStride,
          out,
          outStride,
          splitWorker);
      return;
    }
    for (int i = 0; i < n; i++) {
      System.arraycopy(
          q,
          (firstRow + i / group) * qStride + (head * group + i % group) * dim,
          s.queries,
          i * padded,
          dim);
    }
    int width = (toSlot - fromSlot + KvPages.SLOTS - 1) / KvPages.SLOTS * KvPages.SLOTS;
    if (s.scores.length < n * width) s.scores = new float[n * Math.max(width, 1024)];
    for (int slot = fromSlot; slot < toSlot; slot += KvPages.SLOTS) {
      pages.unpackKeys(table[slot / KvPages.SLOTS], head, s.page);
      pages.scores(s.queries, 0, padded, n, s.page, s.scores, slot - fromSlot, width);
    }
    java.util.Arrays.fill(s.mixed, 0, n * padded, 0f);
    for (int i = 0; i < n; i++) {
      int seen = Math.min(batch.visible[firstRow + i / group], toSlot) - fromSlot;
      float max = seen == 0 ? 0 : Elementwise.max(s.scores, i * width, seen);
      float sum = Elementwise.expOfDifference(s.scores, i * width, seen, max, scale);
      java.util.Arrays.fill(s.scores, i * width + seen, (i + 1) * width, 0f);
      if (splitWorker < 0) {
        Elementwise.scale(s.scores, i * width, seen, 1 / sum);
      } else {
        int at = partialAt(firstRow, head * group + i, splitWorker);
        partial[at] = seen == 0 ? Float.NEGATIVE_INFINITY : max * scale;
        partial[at + 1] = sum;
      }
    }
    for (int slot = fromSlot; slot < toSlot; slot += KvPages.SLOTS) {
      pages.unpackValues(table[slot / KvPages.SLOTS], head, s.page);
      pages.mix(
          s.scores,
          slot - fromSlot,
          width,
          n,
          Math.min(KvPages.SLOTS, toSlot - slot),
          s.page,
          s.mixed,
          0,
          padded);
    }
    for (int i = 0; i < n; i++) {
      if (splitWorker < 0) {
        System.arraycopy(
            s.mixed,
            i * padded,
            out,
            (firstRow + i / group) * outStride + (head * group + i % group) * dim,
            dim);
      } else {
        System.arraycopy(
            s.mixed,
            i * padded,
            partial,
            partialAt(firstRow, head * group + i, splitWorker) + 2,
            dim);
      }
    }
  }

  /** The same with products in bf16, whose sums are floats. */
  private void halfBlock(
      Scratch s,
      int[] table,
      Batch batch,
      int head,
      int firstRow,
      int n,
      int fromSlot,
      int toSlot,
      float[] q,
      int qStride,
      float[] out,
      int outStride,
      int splitWorker) {
    for (int i = 0; i < n; i++) {
      int from = (firstRow + i / group) * qStride + (head * group + i % group) * dim;
      Elementwise.toBf16(q, from, dim, s.halfQueries, i * padded * 2L);
    }
    int width = (toSlot - fromSlot + KvPages.SLOTS - 1) / KvPages.SLOTS * KvPages.SLOTS;
    s.reserve(n * Math.max(width, 1024));
    long queries = s.halfQueries.address();
    long scores = s.nativeScores.address();
    long weights = s.halfWeights.address();
    long mixed = s.nativeMixed.address();
    for (int slot = fromSlot; slot < toSlot; slot += KvPages.SLOTS) {
      int page = table[slot / KvPages.SLOTS];
      pages.scoresOf(page, head, queries, n, scores + (slot - fromSlot) * 4L, width);
    }
    for (int i = 0; i < n; i++) {
      int seen = Math.min(batch.visible[firstRow + i / group], toSlot) - fromSlot;
      long row = (long) i * width;
      float max = seen == 0 ? 0 : Elementwise.max(s.nativeScores, row * 4, seen);
      s.sums[i] =
          Elementwise.expToBf16(s.nativeScores, row * 4, seen, max, scale, s.halfWeights, row * 2);
      s.maxima[i] = seen == 0 ? Float.NEGATIVE_INFINITY : max * scale;
      int end = Math.min(width, (seen + 15) / 16 * 16);
      s.halfWeights.asSlice((row + end) * 2, (width - end) * 2L).fill((byte) 0);
    }
    for (int slot = fromSlot; slot < toSlot; slot += KvPages.SLOTS) {
      int page = table[slot / KvPages.SLOTS];
      int slots = Math.min(KvPages.SLOTS, toSlot - slot);
      long from = weights + (slot - fromSlot) * 2L;
      pages.mixOf(page, head, from, width, n, slots, mixed, slot > fromSlot);
    }
    for (int i = 0; i < n; i++) {
      long from = i * padded * 4L;
      if (splitWorker < 0) {
        int to = (firstRow + i / group) * outStride + (head * group + i % group) * dim;
        Elementwise.scaleFrom(s.nativeMixed, from, dim, 1 / s.sums[i], out, to, false);
      } else {
        int to = partialAt(firstRow, head * group + i, splitWorker);
        partial[to] = s.maxima[i];
        partial[to + 1] = s.sums[i];
        Elementwise.scaleFrom(s.nativeMixed, from, dim, 1, partial, to + 2, false);
      }
    }
  }

  private int partialAt(int row, int queryHead, int worker) {
    return ((row * queryHeads + queryHead) * team.size() + worker) * (2 + padded);
  }

  /**
   * Puts split rows together; all workers have attended by now. This worker takes its share of the
   * heads.
   */
  void combine(int worker, Batch batch, float[] out, int outStride) {
    for (int p = 0; p < batch.parts.size(); p++) {
      if (!isSplit(batch, p)) continue;
      int row = batch.first[p];
      for (int head = worker; head < queryHeads; head += team.size())
        combineHead(row, head, out, row * outStride + head * dim);
    }
  }

  private void combineHead(int row, int head, float[] out, int at) {
    float max = Float.NEGATIVE_INFINITY;
    for (int w = 0; w < team.size(); w++) max = Math.max(max, partial[partialAt(row, head, w)]);
    float sum = 0;
    java.util.Arrays.fill(out, at, at + dim, 0f);
    for (int w = 0; w < team.size(); w++) {
      int from = partialAt(row, head, w);
      float share = (float) Math.exp(partial[from] - max);
      sum += share * partial[from + 1];
      Elementwise.addScaled(out, at, partial, from + 2, dim, share);
    }
    Elementwise.scale(out, at, dim, 1 / sum);
  }
}
