package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.TILE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Memory of keys and values in pages of 32 slots of one layer. A head's keys stand slot beside slot
 * ({@code [32/16][dim] [16]}) and its values row after row ({@code [32][dim]}), both as the micro
 * kernel wants its panels. bf16 halves what decode must read; two numbers share a 32-bit lane:
 * neighbouring dims of a key, dims 16 apart of a value.
 */
public final class KvPages {
  /** Slots of a page. */
  public static final int SLOTS = 32;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final boolean half;
  private final int heads;
  private final int dim;
  private final int padded;
  private final long headBytes;
  private final long pageBytes;
  private final int count;
  private final MemorySegment data;

  /**
   * @param half bf16 instead of fp32
   * @param heads key/value heads
   * @param dim elements of a head
   * @param count pages
   */
  public KvPages(boolean half, int heads, int dim, int count, Arena arena) {
    this.half = half;
    this.heads = heads;
    this.dim = dim;
    this.padded = paddedDim(dim);
    this.headBytes = (long) SLOTS * padded * (half ? 2 : 4);
    this.pageBytes = 2 * headBytes * heads;
    this.count = count;
    this.data = Memory.allocate(arena, pageBytes * count);
  }

  /** A head's elements with the zeros that round it up to whole panels. */
  public static int paddedDim(int dim) {
    return Lanes.pad(dim, 2 * TILE);
  }

  public static long pageBytes(boolean half, int heads, int dim) {
    return 2L * SLOTS * paddedDim(dim) * (half ? 2 : 4) * heads;
  }

  public int count() {
    return count;
  }

  public long pageBytes() {
    return pageBytes;
  }

  private long keys(int page, int head) {
    return page * pageBytes + head * 2 * headBytes;
  }

  private long values(int page, int head) {
    return keys(page, head) + headBytes;
  }

  /** Stores a token's key and value for a head, {@code [dim]} each. */
  public void write(
      int page, int slot, int head, float[] key, int keyAt, float[] value, int valueAt) {
    long k = keys(page, head) + (long) (slot / TILE) * TILE * padded * (half ? 2 : 4);
    long v = values(page, head) + (long) slot * padded * (half ? 2 : 4);
    int lane = slot % TILE;
    if (half) {
      for (int i = 0; i < dim; i += 2) {
        int low = Lanes.toBf16(key[keyAt + i]) & 0xFFFF;
        int high = i + 1 < dim ? Lanes.toBf16(key[keyAt + i + 1]) << 16 : 0;
        data.set(INT, k + (long) (i / 2) * TILE * 4 + lane * 4L, low | high);
      }
      for (int i = 0; i < dim; i++)
        data.set(SHORT, v + valueOffset(i), Lanes.toBf16(value[valueAt + i]));
    } else {
      for (int i = 0; i < dim; i++)
        data.set(FLOAT, k + (long) i * TILE * 4 + lane * 4L, key[keyAt + i]);
      MemorySegment.copy(value, valueAt, data, FLOAT, v, dim);
    }
  }

  /** Dims i and i + 16 of a block of 32 share a lane. */
  private static long valueOffset(int i) {
    int block = i / 32;
    int within = i % 32;
    return block * 64L + (within % TILE) * 4L + (within / TILE) * 2L;
  }

  /**
   * A token's key and value as floats, {@code [dim]} each: for methods that move or look at slots.
   */
  public void read(
      int page, int slot, int head, float[] key, int keyAt, float[] value, int valueAt) {
    long k = keys(page, head) + (long) (slot / TILE) * TILE * padded * (half ? 2 : 4);
    long v = values(page, head) + (long) slot * padded * (half ? 2 : 4);
    int lane = slot % TILE;
    for (int i = 0; i < dim; i++) {
      if (half) {
        int pair = data.get(INT, k + (long) (i / 2) * TILE * 4 + lane * 4L);
        key[keyAt + i] = Lanes.fromBf16((short) (i % 2 == 0 ? pair : pair >>> 16));
        value[valueAt + i] = Lanes.fromBf16(data.get(SHORT, v + valueOffset(i)));
      } else {
        key[keyAt + i] = data.get(FLOAT, k + (long) i * TILE * 4 + lane * 4L);
        value[valueAt + i] = data.get(FLOAT, v + i * 4L);
      }
    }
  }

  /** Copies the slots of one page to another. */
  public void copyPage(int from, int to) {
    MemorySegment.copy(data, from * pageBytes, data, to * pageBytes, pageBytes);
  }

  /** Copies one slot of all heads. */
  public void copySlot(int fromPage, int fromSlot, int toPage, int toSlot) {
    int unit = half ? 2 : 4;
    for (int head = 0; head < heads; head++) {
      long from =
          keys(fromPage, head)
              + (long) (fromSlot / TILE) * TILE * padded * unit
              + fromSlot % TILE * 4L;
      long to =
          keys(toPage, head) + (long) (toSlot / TILE) * TILE * padded * unit + toSlot % TILE * 4L;
      for (int i = 0; i < padded * unit / 4; i++) {
        data.set(INT, to + (long) i * TILE * 4, data.get(INT, from + (long) i * TILE * 4));
      }
      MemorySegment.copy(
          data,
          values(fromPage, head) + (long) fromSlot * padded * unit,
          data,
          values(toPage, head) + (long) toSlot * padded * unit,
          (long) padded * unit);
    }
  }

  /** Floats of scratch for one head's page, keys or values. */
  public int scratchFloats() {
    return SLOTS * padded;
  }

  /** A head's keys of a page as two panels {@code [2][padded dim][16]}. */
  public void unpackKeys(int page, int head, float[] out) {
    long at = keys(page, head);
    if (!half) {
      MemorySegment.copy(data, FLOAT, at, out, 0, SLOTS * padded);
      return;
    }
    for (int i = 0; i < SLOTS * padded; i += 2 * TILE) {
      for (int h = 0; h < TILE; h += L) {
        IntVector pairs = IntVector.fromMemorySegment(I, data, at + i * 2L + h * 4L, LITTLE);
        pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, i + h);
        pairs.and(0xFFFF0000).reinterpretAsFloats().intoArray(out, i + TILE + h);
      }
    }
  }

  /** A head's values of a page, {@code [32][padded dim]}. */
  public void unpackValues(int page, int head, float[] out) {
    long at = values(page, head);
    if (!half) {
      MemorySegment.copy(data, FLOAT, at, out, 0, SLOTS * padded);
      return;
    }
    for (int i = 0; i < SLOTS * padded; i += 2 * TILE) {
      for (int h = 0; h < TILE; h += L) {
        IntVector pairs = IntVector.fromMemorySegment(I, data, at + i * 2L + h * 4L, LITTLE);
        pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, i + h);
        pairs.and(0xFFFF0000).reinterpretAsFloats().intoArray(out, i + TILE + h);
      }
    }
  }

  /** Scores of rows against the 32 slots of a page: {@code scores[r][s] = q[r] · key[s]}. */
  public void scores(
      float[] q,
      int qAt,
      int qStride,
      int rows,
      float[] keys,
      float[] scores,
      int scoresAt,
      int scoresStride) {
    MicroKernel.twoPanels(
        q,
        qAt,
        qStride,
        rows,
        padded,
        keys,
        0,
        TILE,
        TILE * padded,
        scores,
        scoresAt,
        scoresStride,
        false);
  }

  /** {@code out[r] += Σ_s weights[r][s] · value[s]} over the page's first {@code slots}. */
  public void mix(
      float[] weights,
      int weightsAt,
      int weightsStride,
      int rows,
      int slots,
      float[] values,
      float[] out,
      int outAt,
      int outStride) {
    for (int panel = 0; panel < padded; panel += 2 * TILE) {
      MicroKernel.twoPanels(
          weights,
          weightsAt,
          weightsStride,
          rows,
          slots,
          values,
          panel,
          padded,
          TILE,
          out,
          outAt + panel,
          outStride,
          true);
    }
  }
}
