package io.otium.lm.model;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Tensor;
import io.otium.core.torch.Brgemm;
import io.otium.core.torch.OpenMp;
import io.otium.core.torch.Processor;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.Gradients;
import io.otium.lm.engine.kernel.Halves;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Causal attention of packed sequences with its way back, in tiles of 64 queries by 64 keys that
 * stay in the cache (Dao, arXiv 2307.08691): scores are never held whole, and what nobody sees is
 * not computed. Products are oneDNN's micro-kernel's, in bf16 with sums in floats.
 *
 * <p>Queries, keys and values lie side by side, {@code [tokens, (queryHeads + 2 · kvHeads) ·
 * headDim]}, BF16.
 */
final class CausalAttention {
  private static final int TILE = 64;
  private static final int BYTES = 2;
  private static final int FLOAT = 4;

  /** Larger than any sum of exponentials' logarithm: for queries that are none. */
  private static final float NONE = 1e30f;

  private final int queryHeads;
  private final int kvHeads;
  private final int dim;
  private final int width;
  private final float scale;
  private final ThreadLocal<Scratch> scratch;

  CausalAttention(int queryHeads, int kvHeads, int headDim) {
    this.queryHeads = queryHeads;
    this.kvHeads = kvHeads;
    this.dim = headDim;
    this.width = (queryHeads + 2 * kvHeads) * headDim;
    this.scale = (float) (1 / Math.sqrt(headDim));
    this.scratch = ThreadLocal.withInitial(() -> new Scratch(headDim));
  }

  /** Whether this processor and this libtorch can do it. */
  static boolean isAvailable(int headDim) {
    return headDim % 16 == 0 && Brgemm.hasHalves() && Processor.has("avx512_bf16");
  }

  int queryHeads() {
    return queryHeads;
  }

  /** What a thread needs for a head of the longest sequence so far. */
  private static final class Scratch {
    final int dim;
    int tiles;
    MemorySegment q;
    MemorySegment k;
    MemorySegment v;
    MemorySegment transposed;
    MemorySegment out;
    MemorySegment scores;
    MemorySegment weights;
    MemorySegment[] pairs = {};
    MemorySegment backScores;
    MemorySegment backWeights;
    MemorySegment backPairs;
    MemorySegment backKeys;
    MemorySegment backValues;
    MemorySegment backQueries;
    float[] logSums = {};
    float[] deltas = {};
    final float[] row;

    Scratch(int dim) {
      this.dim = dim;
      this.row = new float[dim];
      Arena arena = Arena.ofAuto();
      q = tile(arena, dim, BYTES);
      k = tile(arena, dim, BYTES);
      v = tile(arena, dim, BYTES);
      transposed = tile(arena, dim, BYTES);
      out = tile(arena, dim, FLOAT);
      backScores = tile(arena, TILE, FLOAT);
      backWeights = tile(arena, TILE, BYTES);
      backPairs = tile(arena, TILE, BYTES);
      backKeys = tile(arena, dim, FLOAT);
      backValues = tile(arena, dim, FLOAT);
      scores = MemorySegment.NULL;
      weights = MemorySegment.NULL;
      backQueries = MemorySegment.NULL;
    }

    private static MemorySegment tile(Arena arena, long columns, int bytes) {
      return arena.allocate(TILE * columns * bytes, 64);
    }

    /** Room for so many tiles of a sequence. */
    void reserve(int count) {
      if (count <= tiles) return;
      tiles = Math.max(count, 2 * tiles);
      Arena arena = Arena.ofAuto();
      scores = tile(arena, (long) TILE * tiles, FLOAT);
      weights = tile(arena, (long) TILE * tiles, BYTES);
      pairs = new MemorySegment[4];
      for (int p = 0; p < pairs.length; p++) pairs[p] = tile(arena, (long) dim * tiles, BYTES);
      backQueries = tile(arena, (long) dim * tiles, FLOAT);
      logSums = new float[tiles * TILE];
      deltas = new float[tiles * TILE];
    }
  }

  /** Does something with each head of each sequence, the longest sequences first. */
  private void each(int[] starts, Head head) {
    int sequences = starts.length - 1;
    int[] order =
        IntStream.range(0, sequences)
            .boxed()
            .sorted(Comparator.comparingInt(s -> starts[s] - starts[s + 1]))
            .mapToInt(Integer::intValue)
            .toArray();
    var next = new AtomicInteger();
    OpenMp.run(
        (_, _) -> {
          Scratch own = scratch.get();
          for (int i = next.getAndIncrement();
              i < sequences * queryHeads;
              i = next.getAndIncrement()) {
            int s = order[i / queryHeads];
            int n = starts[s + 1] - starts[s];
            own.reserve((n + TILE - 1) / TILE);
            head.of(own, starts[s], n, i % queryHeads);
          }
        });
  }

  @FunctionalInterface
  private interface Head {
    void of(Scratch own, int from, int n, int head);
  }

  /**
   * Turns queries and keys by their positions, in place.
   *
   * @param table {@code [tokens, headDim]}: half cosines, then half sines
   */
  void rotate(Tensor qkv, float[] table) {
    int tokens = (int) qkv.size(0);
    MemorySegment all = qkv.segment();
    int turned = (queryHeads + kvHeads) * dim;
    HalfRows.divide(
        tokens,
        (first, end) -> {
          float[] row = new float[turned];
          for (int t = first; t < end; t++) {
            long at = (long) t * width * BYTES;
            Halves.load(all, at, turned, row, 0);
            for (int h = 0; h < turned; h += dim) {
              Elementwise.rotate(row, h, dim / 2, table, t * dim);
            }
            Elementwise.toBf16(row, 0, turned, all, at);
          }
        });
  }

  /**
   * @param qkv turned already
   * @param starts where sequences begin, and where the last one ends
   * @param logSums receives {@code [queryHeads, tokens]} logarithms of the softmaxes' sums
   * @return {@code [tokens, queryHeads · headDim]}
   */
  Tensor attend(Tensor qkv, int[] starts, float[] logSums) {
    int tokens = (int) qkv.size(0);
    Tensor out = Tensor.empty(DType.BF16, tokens, (long) queryHeads * dim);
    MemorySegment all = qkv.segment();
    MemorySegment to = out.segment();
    each(
        starts,
        (own, from, n, head) -> {
          int tiles = (n + TILE - 1) / TILE;
          int kv = queryHeads + head / (queryHeads / kvHeads);
          MemorySegment keys = own.pairs[0];
          MemorySegment values = own.pairs[1];
          long tile = (long) TILE * dim * BYTES;
          for (int j = 0; j < tiles; j++) {
            copy(all, from, n, j, kv, own.k);
            copy(all, from, n, j, kv + kvHeads, own.v);
            Halves.transposePairs(own.k, TILE, dim, keys.asSlice(j * tile, tile), TILE);
            pairRows(own.v, values, j * tile);
          }
          for (int i = 0; i < tiles; i++) {
            copy(all, from, n, i, head, own.q);
            for (int j = 0; j <= i; j++) {
              Brgemm.halves(
                  TILE,
                  TILE,
                  dim,
                  own.q.address(),
                  dim,
                  keys.address() + j * tile,
                  TILE,
                  own.scores.address() + (long) j * TILE * TILE * FLOAT,
                  TILE,
                  false);
            }
            int rows = Math.min(TILE, n - i * TILE);
            for (int r = 0; r < rows; r++) {
              float sum = softmax(own, i, r);
              own.deltas[r] = 1 / sum;
              logSums[head * tokens + from + i * TILE + r] =
                  (float) (own.logSums[r] * scale + Math.log(sum));
            }
            for (int j = 0; j <= i; j++) {
              Brgemm.halves(
                  TILE,
                  dim,
                  TILE,
                  own.weights.address() + (long) j * TILE * TILE * BYTES,
                  TILE,
                  values.address() + j * tile,
                  dim,
                  own.out.address(),
                  dim,
                  j > 0);
            }
            for (int r = 0; r < rows; r++) {
              Elementwise.scaleFrom(
                  own.out, (long) r * dim * FLOAT, dim, own.deltas[r], own.row, 0, false);
              long at = ((from + i * TILE + r) * (long) queryHeads + head) * dim * BYTES;
              Elementwise.toBf16(own.row, 0, dim, to, at);
            }
          }
        });
    return out;
  }

  /** Weights of a query, not yet divided by their sum, which is returned; its maximum is kept. */
  private float softmax(Scratch own, int i, int r) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j <= i; j++) {
      int seen = j < i ? TILE : r + 1;
      long at = ((long) j * TILE + r) * TILE;
      max = Math.max(max, Elementwise.max(own.scores, at * FLOAT, seen));
    }
    float sum = 0;
    for (int j = 0; j <= i; j++) {
      int seen = j < i ? TILE : r + 1;
      long at = ((long) j * TILE + r) * TILE;
      sum +=
          Elementwise.expToBf16(own.scores, at * FLOAT, seen, max, scale, own.weights, at * BYTES);
    }
    long diagonal = ((long) i * TILE + r) * TILE * BYTES;
    for (int c = (r + 16) / 16 * 16; c < TILE; c += 4) {
      own.weights.set(ValueLayout.JAVA_LONG_UNALIGNED, diagonal + (long) c * BYTES, 0);
    }
    own.logSums[r] = max;
    return sum;
  }

  /**
   * The way back of {@link #attend} and {@link #rotate}.
   *
   * @param out what {@code attend} returned
   * @param back its gradient
   * @return the gradient of queries, keys and values
   */
  Tensor back(Tensor qkv, Tensor out, Tensor back, int[] starts, float[] logSums, float[] table) {
    int tokens = (int) qkv.size(0);
    Tensor result = Tensor.empty(DType.BF16, tokens, width);
    float[] reversed = reversed(table);
    try (Tensor ofKeys = Tensor.empty(DType.F32, queryHeads, tokens, dim);
        Tensor ofValues = Tensor.empty(DType.F32, queryHeads, tokens, dim)) {
      each(
          starts,
          (own, from, n, head) ->
              back(
                  own,
                  from,
                  n,
                  head,
                  tokens,
                  qkv.segment(),
                  out.segment(),
                  back.segment(),
                  logSums,
                  reversed,
                  result.segment(),
                  ofKeys.segment(),
                  ofValues.segment()));
      gather(tokens, ofKeys.segment(), ofValues.segment(), reversed, result.segment());
    }
    return result;
  }

  /** The table of the opposite angles. */
  private float[] reversed(float[] table) {
    float[] reversed = table.clone();
    for (int at = 0; at < table.length; at += dim) {
      for (int i = dim / 2; i < dim; i++) reversed[at + i] = -table[at + i];
    }
    return reversed;
  }

  private void back(
      Scratch own,
      int from,
      int n,
      int head,
      int tokens,
      MemorySegment all,
      MemorySegment out,
      MemorySegment back,
      float[] logSums,
      float[] reversed,
      MemorySegment result,
      MemorySegment ofKeys,
      MemorySegment ofValues) {
    int tiles = (n + TILE - 1) / TILE;
    int kv = queryHeads + head / (queryHeads / kvHeads);
    long tile = (long) TILE * dim * BYTES;
    MemorySegment queryPairs = own.pairs[0];
    MemorySegment queryRows = own.pairs[1];
    MemorySegment backPairs = own.pairs[2];
    MemorySegment backRows = own.pairs[3];
    Arrays.fill(own.logSums, 0, tiles * TILE, NONE);
    Arrays.fill(own.deltas, 0, tiles * TILE, 0f);
    System.arraycopy(logSums, head * tokens + from, own.logSums, 0, n);
    for (int r = 0; r < n; r++) {
      long at = ((from + r) * (long) queryHeads + head) * dim * BYTES;
      own.deltas[r] = Halves.dot(out, at, back, at, dim);
    }
    for (int i = 0; i < tiles; i++) {
      copy(all, from, n, i, head, own.q);
      Halves.transposePairs(own.q, TILE, dim, queryPairs.asSlice(i * tile, tile), TILE);
      pairRows(own.q, queryRows, i * tile);
      copy(back, queryHeads * dim, from, n, i, head, own.q);
      Halves.transposePairs(own.q, TILE, dim, backPairs.asSlice(i * tile, tile), TILE);
      pairRows(own.q, backRows, i * tile);
    }
    long scores = own.scores.address();
    long weights = own.weights.address();
    for (int j = 0; j < tiles; j++) {
      copy(all, from, n, j, kv, own.k);
      copy(all, from, n, j, kv + kvHeads, own.v);
      Halves.transpose(own.k, TILE, dim, own.transposed);
      for (int i = j; i < tiles; i++) {
        long at = i * tile;
        long k = own.k.address();
        long v = own.v.address();
        Brgemm.halves(
            TILE, TILE, dim, k, dim, queryPairs.address() + at, TILE, scores, TILE, false);
        Brgemm.halves(
            TILE,
            TILE,
            dim,
            v,
            dim,
            backPairs.address() + at,
            TILE,
            own.backScores.address(),
            TILE,
            false);
        for (int c = 0; c < TILE; c += 2) {
          Gradients.softmax(
              own.scores,
              own.backScores,
              (long) c * TILE * FLOAT,
              TILE,
              i == j ? c : -1,
              scale,
              own.logSums,
              own.deltas,
              i * TILE,
              own.weights,
              own.backWeights,
              (long) c * TILE * BYTES,
              own.backPairs,
              (long) c * TILE * BYTES);
        }
        boolean more = i > j;
        Brgemm.halves(
            TILE,
            dim,
            TILE,
            weights,
            TILE,
            backRows.address() + at,
            dim,
            own.backValues.address(),
            dim,
            more);
        Brgemm.halves(
            TILE,
            dim,
            TILE,
            own.backWeights.address(),
            TILE,
            queryRows.address() + at,
            dim,
            own.backKeys.address(),
            dim,
            more);
        Brgemm.halves(
            dim,
            TILE,
            TILE,
            own.transposed.address(),
            TILE,
            own.backPairs.address(),
            TILE,
            own.backQueries.address() + 2 * at,
            TILE,
            j > 0);
      }
      long rows = Math.min(TILE, n - j * TILE);
      long to = ((long) head * tokens + from + (long) j * TILE) * dim * FLOAT;
      MemorySegment.copy(own.backKeys, 0, ofKeys, to, rows * dim * FLOAT);
      MemorySegment.copy(own.backValues, 0, ofValues, to, rows * dim * FLOAT);
    }
    for (int r = 0; r < n; r++) {
      long column = (long) (r / TILE) * TILE * dim + r % TILE;
      for (int c = 0; c < dim; c++) {
        own.row[c] =
            own.backQueries.get(
                ValueLayout.JAVA_FLOAT_UNALIGNED, (column + (long) c * TILE) * FLOAT);
      }
      Elementwise.rotate(own.row, 0, dim / 2, reversed, (from + r) * dim);
      Elementwise.toBf16(
          own.row, 0, dim, result, ((from + r) * (long) width + (long) head * dim) * BYTES);
    }
  }

  /** Sums what the query heads of each key and value head gave. */
  private void gather(
      int tokens,
      MemorySegment ofKeys,
      MemorySegment ofValues,
      float[] reversed,
      MemorySegment result) {
    int group = queryHeads / kvHeads;
    HalfRows.divide(
        tokens,
        (first, end) -> {
          float[] row = new float[dim];
          for (int t = first; t < end; t++) {
            for (int h = 0; h < kvHeads; h++) {
              long to = ((long) t * width + (long) (queryHeads + h) * dim) * BYTES;
              sum(ofKeys, h * group, group, tokens, t, row);
              Elementwise.rotate(row, 0, dim / 2, reversed, t * dim);
              Elementwise.toBf16(row, 0, dim, result, to);
              sum(ofValues, h * group, group, tokens, t, row);
              Elementwise.toBf16(row, 0, dim, result, to + (long) kvHeads * dim * BYTES);
            }
          }
        });
  }

  private void sum(MemorySegment of, int head, int group, int tokens, int token, float[] row) {
    for (int g = 0; g < group; g++) {
      long at = ((long) (head + g) * tokens + token) * dim * FLOAT;
      Elementwise.scaleFrom(of, at, dim, 1, row, 0, g > 0);
    }
  }

  /** A tile of a head's rows, zeros after the sequence's end. */
  private void copy(MemorySegment all, int from, int n, int tile, int head, MemorySegment to) {
    copy(all, width, from, n, tile, head, to);
  }

  private void copy(
      MemorySegment all, int stride, int from, int n, int tile, int head, MemorySegment to) {
    long bytes = (long) dim * BYTES;
    int rows = Math.min(TILE, n - tile * TILE);
    long at = ((from + (long) tile * TILE) * stride + (long) head * dim) * BYTES;
    for (int r = 0; r < rows; r++) {
      MemorySegment.copy(all, at + (long) r * stride * BYTES, to, r * bytes, bytes);
    }
    if (rows < TILE) to.asSlice(rows * bytes, (TILE - rows) * bytes).fill((byte) 0);
  }

  /** A tile's rows as pairs: {@code [32, headDim, 2]}. */
  private void pairRows(MemorySegment tile, MemorySegment to, long toAt) {
    long bytes = (long) dim * BYTES;
    for (int r = 0; r < TILE; r += 2) {
      Halves.pair(tile, r * bytes, tile, (r + 1) * bytes, dim, to, toAt + r * bytes);
    }
  }
}
