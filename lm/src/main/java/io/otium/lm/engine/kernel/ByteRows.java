package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.TILE;
import static io.otium.lm.engine.kernel.Precision.BLOCK;
import static io.otium.lm.engine.kernel.Precision.GROUP;

import io.otium.core.torch.Brgemm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A worker's rows of activations as bytes, {@code round(x / scale) + 128}, rotated as the codes of
 * {@link Precision#INT8} are and with a scale for each span of each row; and what it needs to
 * multiply them with a tile.
 */
public final class ByteRows {
  /** Rows at a time: their bytes stay in the second-level cache, a tile's sums in the first. */
  public static final int MOST = 128;

  /** More rows than so many are filled up to whole eights: the library has code for each number. */
  private static final int EXACT = 16;

  /** Spans whose sums are scaled together. */
  private static final int TOGETHER = 3;

  private static final int SPAN = Precision.INT8.span * GROUP;

  private final MemorySegment bytes;

  /** {@code [TOGETHER][MOST][16]} */
  private final MemorySegment sums;

  private final float[] row;

  /** Of each row in each span, {@code [spans][MOST]}; a 256th of it, as tiles hold 256 times. */
  private final float[] scales;

  private int rows;
  private int k;

  /**
   * @param mostInputs of any product
   */
  public ByteRows(int mostInputs, Arena arena) {
    int padded = Lanes.pad(mostInputs, GROUP);
    bytes = arena.allocate((long) MOST * padded, 64);
    sums = arena.allocate((long) TOGETHER * MOST * TILE * 4, 64);
    row = new float[padded];
    int spans = Precision.INT8.spans(padded / GROUP);
    scales = new float[Lanes.pad(spans, TOGETHER) * MOST];
  }

  /**
   * Takes rows.
   *
   * @param x rows {@code [rows, inputs]}; {@code inputs} padded with zeros to a multiple of 32
   * @param count {@value #MOST} at most
   */
  public void take(float[] x, int xAt, int xStride, int count, int inputs) {
    rows = count;
    k = Lanes.pad(inputs, GROUP);
    for (int r = 0; r < count; r++) {
      for (int from = 0; from < k; from += SPAN) {
        int n = Math.min(SPAN, k - from);
        float largest = rotated(x, xAt + r * xStride + from, n);
        scales[from / SPAN * MOST + r] = largest / (127 * 256);
        float factor = largest == 0 ? 0 : 127 / largest;
        Elementwise.quantiseInto(row, n, factor, bytes, (long) r * k + from);
      }
    }
  }

  /** A span as the codes are rotated; returns its largest magnitude. */
  private float rotated(float[] x, int at, int n) {
    if (n % BLOCK == 0 && k % BLOCK == 0 && L == TILE) return Hadamard.rotate64(x, at, n, row);
    System.arraycopy(x, at, row, 0, n);
    Hadamard.rotate(row, 0, n, Math.min(BLOCK, Integer.lowestOneBit(k)));
    return Elementwise.maxAbs(row, 0, n);
  }

  /**
   * The product with a tile; see {@link TileMatrix#multiply(ByteRows, float[], int, int, boolean,
   * int, int)}.
   */
  void multiply(
      MemorySegment data, long tile, long codes, float[] y, int yAt, int yStride, boolean add) {
    int whole = rows <= EXACT ? rows : Lanes.pad(rows, 8);
    long weights = data.address() + codes;
    boolean onto = add;
    for (int from = 0; from < k; from += TOGETHER * SPAN) {
      int spans = 0;
      for (int at = from; at < k && spans < TOGETHER; at += SPAN, spans++) {
        int depth = Math.min(SPAN, k - at);
        long into = sums.address() + (long) spans * MOST * TILE * 4;
        Brgemm.bytes(
            whole,
            TILE,
            depth,
            bytes.address() + at,
            k,
            weights + (long) at * TILE,
            TILE,
            into,
            TILE);
      }
      for (int h = 0; h < TILE; h += L) {
        long at = tile + (long) (from / SPAN) * (TILE * 8) + h * 4L;
        int scale = from / SPAN * MOST;
        switch (spans) {
          case 1 -> scale1(data, at, h, scale, y, yAt + h, yStride, onto);
          case 2 -> scale2(data, at, h, scale, y, yAt + h, yStride, onto);
          default -> scale3(data, at, h, scale, y, yAt + h, yStride, onto);
        }
      }
      onto = true;
    }
  }

  /** Scales the sums of a span, less what the 128 in each byte adds to them. */
  private void scale1(
      MemorySegment data, long at, int h, int scale, float[] y, int yAt, int yStride, boolean add) {
    FloatVector factor = FloatVector.fromMemorySegment(F, data, at, LITTLE);
    IntVector surplus = IntVector.fromMemorySegment(I, data, at + TILE * 4, LITTLE);
    FloatVector zero = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      int to = yAt + r * yStride;
      FloatVector start = add ? FloatVector.fromArray(F, y, to) : zero;
      ((FloatVector)
              IntVector.fromMemorySegment(I, sums, (r * TILE + h) * 4L, LITTLE)
                  .sub(surplus)
                  .convertShape(VectorOperators.I2F, F, 0))
          .mul(FloatVector.broadcast(F, scales[scale + r]))
          .fma(factor, start)
          .intoArray(y, to);
    }
  }

  private void scale2(
      MemorySegment data, long at, int h, int scale, float[] y, int yAt, int yStride, boolean add) {
    FloatVector factor = FloatVector.fromMemorySegment(F, data, at, LITTLE);
    IntVector surplus = IntVector.fromMemorySegment(I, data, at + TILE * 4, LITTLE);
    FloatVector factor2 = FloatVector.fromMemorySegment(F, data, at + TILE * 8, LITTLE);
    IntVector surplus2 = IntVector.fromMemorySegment(I, data, at + TILE * 12, LITTLE);
    FloatVector zero = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      int to = yAt + r * yStride;
      long from = (r * TILE + h) * 4L;
      FloatVector start = add ? FloatVector.fromArray(F, y, to) : zero;
      FloatVector one =
          ((FloatVector)
                  IntVector.fromMemorySegment(I, sums, from, LITTLE)
                      .sub(surplus)
                      .convertShape(VectorOperators.I2F, F, 0))
              .mul(FloatVector.broadcast(F, scales[scale + r]))
              .fma(factor, start);
      ((FloatVector)
              IntVector.fromMemorySegment(I, sums, from + MOST * TILE * 4, LITTLE)
                  .sub(surplus2)
                  .convertShape(VectorOperators.I2F, F, 0))
          .mul(FloatVector.broadcast(F, scales[scale + MOST + r]))
          .fma(factor2, one)
          .intoArray(y, to);
    }
  }

  private void scale3(
      MemorySegment data, long at, int h, int scale, float[] y, int yAt, int yStride, boolean add) {
    FloatVector factor = FloatVector.fromMemorySegment(F, data, at, LITTLE);
    IntVector surplus = IntVector.fromMemorySegment(I, data, at + TILE * 4, LITTLE);
    FloatVector factor2 = FloatVector.fromMemorySegment(F, data, at + TILE * 8, LITTLE);
    IntVector surplus2 = IntVector.fromMemorySegment(I, data, at + TILE * 12, LITTLE);
    FloatVector factor3 = FloatVector.fromMemorySegment(F, data, at + TILE * 16, LITTLE);
    IntVector surplus3 = IntVector.fromMemorySegment(I, data, at + TILE * 20, LITTLE);
    FloatVector zero = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      int to = yAt + r * yStride;
      long from = (r * TILE + h) * 4L;
      FloatVector start = add ? FloatVector.fromArray(F, y, to) : zero;
      FloatVector one =
          ((FloatVector)
                  IntVector.fromMemorySegment(I, sums, from, LITTLE)
                      .sub(surplus)
                      .convertShape(VectorOperators.I2F, F, 0))
              .mul(FloatVector.broadcast(F, scales[scale + r]))
              .fma(factor, start);
      FloatVector two =
          ((FloatVector)
                  IntVector.fromMemorySegment(I, sums, from + MOST * TILE * 4, LITTLE)
                      .sub(surplus2)
                      .convertShape(VectorOperators.I2F, F, 0))
              .mul(FloatVector.broadcast(F, scales[scale + MOST + r]))
              .fma(factor2, one);
      ((FloatVector)
              IntVector.fromMemorySegment(I, sums, from + 2 * MOST * TILE * 4, LITTLE)
                  .sub(surplus3)
                  .convertShape(VectorOperators.I2F, F, 0))
          .mul(FloatVector.broadcast(F, scales[scale + 2 * MOST + r]))
          .fma(factor3, two)
          .intoArray(y, to);
    }
  }
}
