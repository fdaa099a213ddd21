package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.TILE;
import static io.otium.lm.engine.kernel.Precision.GROUP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** Brings rows of floats into the layout of {@link TileMatrix}, quantising on the way. */
public final class TilePacker {
  /** Where the weights come from: fills {@code out[at .. at + inputs)} with row {@code output}. */
  @FunctionalInterface
  public interface Rows {
    void read(int output, float[] out, int at);
  }

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private TilePacker() {}

  /** Packs a whole matrix into {@code data}, on all cores. */
  public static TileMatrix pack(
      Precision precision, int outputs, int inputs, Rows rows, MemorySegment data) {
    var matrix = new TileMatrix(precision, outputs, inputs, data);
    int k = Lanes.pad(inputs, GROUP);
    long tileBytes = TileMatrix.bytes(precision, TILE, inputs);
    IntStream.range(0, matrix.tiles())
        .parallel()
        .forEach(
            tile -> {
              float[] floats = new float[TILE * k];
              for (int r = 0; r < TILE && tile * TILE + r < outputs; r++) {
                rows.read(tile * TILE + r, floats, r * k);
              }
              MemorySegment target = data.asSlice(tile * tileBytes, tileBytes);
              for (int r = 0; r < TILE; r++)
                packRow(precision, floats, r * k, k / GROUP, target, r);
            });
    return matrix;
  }

  private static void packRow(
      Precision precision, float[] w, int at, int groups, MemorySegment tile, int lane) {
    int[] codes = new int[groups * GROUP];
    switch (precision) {
      case FP32 -> {
        for (int i = 0; i < codes.length; i++) codes[i] = Float.floatToRawIntBits(w[at + i]);
      }
      case BF16 -> {
        for (int i = 0; i < codes.length; i++) codes[i] = Lanes.toBf16(w[at + i]) & 0xFFFF;
      }
      case INT8 -> int8(w, at, codes, tile, lane);
      case INT4 -> {
        for (int g = 0; g < groups; g++) {
          int scales = int4(w, at, codes, g * GROUP);
          long scale = (long) g * TILE * 4 + lane * 2L;
          tile.set(SHORT, scale, (short) scales);
          tile.set(SHORT, scale + TILE * 2, (short) (scales >> 16));
        }
      }
    }
    int bits = 32 / precision.perLane;
    int mask = bits == 32 ? -1 : (1 << bits) - 1;
    long body = precision.scalesBytes(groups) + lane * 4L;
    for (int i = 0; i < codes.length; i += precision.perLane, body += TILE * 4) {
      int word = 0;
      for (int j = 0; j < precision.perLane; j++) word |= (codes[i + j] & mask) << (j * bits);
      tile.set(INT, body, word);
    }
  }

  /**
   * Codes {@code round(w / scale)} in −127..127 of the rotated row; writes 256 · scale and 128
   * times the codes' sum for each span of groups.
   */
  private static void int8(float[] w, int at, int[] codes, MemorySegment tile, int lane) {
    int n = codes.length;
    Hadamard.rotate(w, at, n, Precision.BLOCK);
    int span = Precision.INT8.span * GROUP;
    for (int from = 0; from < n; from += span) {
      int to = Math.min(from + span, n);
      float largest = 0;
      for (int i = from; i < to; i++) largest = Math.max(largest, Math.abs(w[at + i]));
      float inverse = largest == 0 ? 0 : 127 / largest;
      int sum = 0;
      for (int i = from; i < to; i++) {
        codes[i] = Math.round(w[at + i] * inverse);
        sum += codes[i];
      }
      long scale = (long) (from / span) * TILE * 8 + lane * 4L;
      tile.set(FLOAT, scale, largest / 127 * 256);
      tile.set(INT, scale + TILE * 4, 128 * sum);
    }
  }

  /**
   * Codes 0..15 with {@code w ≈ step · code + minimum}; returns step and minimum as bf16. Of two
   * grids, the one from smallest to largest weight and the one with a zero in it (as Q4_0 files
   * have), the closer is taken, so that 4-bit files come through unchanged.
   */
  private static int int4(float[] w, int rowAt, int[] rowCodes, int first) {
    int at = rowAt + first;
    int[] codes = new int[GROUP];
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    float extreme = 0;
    for (int i = 0; i < GROUP; i++) {
      float value = w[at + i];
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    }
    int[] other = new int[GROUP];
    int spread = grid(w, at, (high - low) / 15f, low, codes);
    float spreadError = error(w, at, spread, codes);
    int centred = grid(w, at, -extreme / 8f, extreme, other);
    boolean second = error(w, at, centred, other) < spreadError;
    System.arraycopy(second ? other : codes, 0, rowCodes, first, GROUP);
    return second ? centred : spread;
  }

  private static int grid(float[] w, int at, float step, float minimum, int[] codes) {
    short halfStep = Lanes.toBf16(step);
    short halfMinimum = Lanes.toBf16(minimum);
    float s = Lanes.fromBf16(halfStep);
    float m = Lanes.fromBf16(halfMinimum);
    for (int i = 0; i < GROUP; i++) {
      codes[i] = s == 0 ? 0 : Math.clamp(Math.round((w[at + i] - m) / s), 0, 15);
    }
    return (halfStep & 0xFFFF) | halfMinimum << 16;
  }

  private static float error(float[] w, int at, int scales, int[] codes) {
    float s = Lanes.fromBf16((short) scales);
    float m = Lanes.fromBf16((short) (scales >> 16));
    float sum = 0;
    for (int i = 0; i < GROUP; i++) {
      float d = w[at + i] - (s * codes[i] + m);
      sum += d * d;
    }
    return sum;
  }
}
