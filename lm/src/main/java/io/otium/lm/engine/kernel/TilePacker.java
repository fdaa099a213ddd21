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
    int[] codes = new int[GROUP];
    int bits = 32 / precision.perLane;
    long body = precision.scalesBytes(groups) + lane * 4L;
    for (int g = 0; g < groups; g++, at += GROUP) {
      long scale = (long) g * TILE * precision.scaleBytes + lane * 2L;
      switch (precision) {
        case FP32 -> {
          for (int i = 0; i < GROUP; i++) codes[i] = Float.floatToRawIntBits(w[at + i]);
        }
        case BF16 -> {
          for (int i = 0; i < GROUP; i++) codes[i] = Lanes.toBf16(w[at + i]) & 0xFFFF;
        }
        case INT8 -> tile.set(SHORT, scale, int8(w, at, codes));
        case INT4 -> {
          int scales = int4(w, at, codes);
          tile.set(SHORT, scale, (short) scales);
          tile.set(SHORT, scale + TILE * 2, (short) (scales >> 16));
        }
      }
      for (int i = 0; i < GROUP; i += precision.perLane, body += TILE * 4) {
        int word = 0;
        for (int j = 0; j < precision.perLane; j++) word |= codes[i + j] << (j * bits);
        tile.set(INT, body, word);
      }
    }
  }

  /**
   * Codes {@code round(w / scale) + 128} in 1..255; returns 256 · scale as bf16, rounded up so that
   * nothing clips.
   */
  private static short int8(float[] w, int at, int[] codes) {
    float largest = 0;
    for (int i = 0; i < GROUP; i++) largest = Math.max(largest, Math.abs(w[at + i]));
    int bits = Float.floatToRawIntBits(largest / 127f * 256f);
    short stored = (short) ((bits + 0xFFFF) >>> 16);
    float inverse = largest == 0 ? 0 : 256f / Lanes.fromBf16(stored);
    for (int i = 0; i < GROUP; i++) codes[i] = Math.round(w[at + i] * inverse) + 128;
    return stored;
  }

  /**
   * Codes 0..15 with {@code w ≈ step · code + minimum}; returns step and minimum as bf16. Of two
   * grids, the one from smallest to largest weight and the one with a zero in it (as Q4_0 files
   * have), the closer is taken, so that 4-bit files come through unchanged.
   */
  private static int int4(float[] w, int at, int[] codes) {
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
    if (error(w, at, centred, other) < spreadError) {
      System.arraycopy(other, 0, codes, 0, GROUP);
      return centred;
    }
    return spread;
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
