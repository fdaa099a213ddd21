package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.TILE;

import io.otium.core.torch.Brgemm;
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
 * neighbouring dims of a key, one dim of neighbouring slots' values ({@code [32/2][dim][2]}). So
 * {@link Brgemm} takes both as they are.
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
    long v = value(page, head, slot);
    int lane = slot % TILE;
    if (half) {
      for (int i = 0; i < dim; i += 2) {
        int low = Lanes.toBf16(key[keyAt + i]) & 0xFFFF;
        int high = i + 1 < dim ? Lanes.toBf16(key[keyAt + i + 1]) << 16 : 0;
        data.set(INT, k + (long) (i / 2) * TILE * 4 + lane * 4L, low | high);
      }
      for (int i = 0; i < dim; i++) {
        data.set(SHORT, v + i * 4L, Lanes.toBf16(value[valueAt + i]));
      }
    } else {
      for (int i = 0; i < dim; i++)
        data.set(FLOAT, k + (long) i * TILE * 4 + lane * 4L, key[keyAt + i]);
      MemorySegment.copy(value, valueAt, data, FLOAT, v, dim);
    }
  }

  /** Where a slot's value begins; its elements are 4 bytes apart. */
  private long value(int page, int head, int slot) {
    long v = values(page, head);
    return half ? v + (long) (slot / 2) * padded * 4 + slot % 2 * 2L : v + (long) slot * padded * 4;
  }

  /**
   * A token's key and value as floats, {@code [dim]} each: for methods that move or look at slots.
   */
  public void read(
      int page, int slot, int head, float[] key, int keyAt, float[] value, int valueAt) {
    long k = keys(page, head) + (long) (slot / TILE) * TILE * padded * (half ? 2 : 4);
    long v = value(page, head, slot);
    int lane = slot % TILE;
    for (int i = 0; i < dim; i++) {
      if (half) {
        int pair = data.get(INT, k + (long) (i / 2) * TILE * 4 + lane * 4L);
        key[keyAt + i] = Lanes.fromBf16((short) (i % 2 == 0 ? pair : pair >>> 16));
        value[valueAt + i] = Lanes.fromBf16(data.get(SHORT, v + i * 4L));
      } else {
        key[keyAt + i] = data.get(FLOAT, k + (long) i * TILE * 4 + lane * 4L);
        value[valueAt + i] = data.get(FLOAT, v + i * 4L);
      }
    }
  }

  /** Zeroes a page's values: products take them by twos, and nothing times NaN would be NaN. */
  public void clear(int page) {
    for (int head = 0; head < heads; head++) {
      data.asSlice(values(page, head), headBytes).fill((byte) 0);
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
      long value = value(fromPage, head, fromSlot);
      long copy = value(toPage, head, toSlot);
      for (int i = 0; i < padded; i++) {
        if (half) data.set(SHORT, copy + i * 4L, data.get(SHORT, value + i * 4L));
        else data.set(INT, copy + i * 4L, data.get(INT, value + i * 4L));
      }
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
    for (int pair = 0; pair < SLOTS / 2; pair++) {
      long from = at + (long) pair * padded * 4;
      int to = pair * 2 * padded;
      for (int i = 0; i < padded; i += L) {
        IntVector pairs = IntVector.fromMemorySegment(I, data, from + i * 4L, LITTLE);
        pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, to + i);
        pairs.and(0xFFFF0000).reinterpretAsFloats().intoArray(out, to + padded + i);
      }
    }
  }

  /**
   * Whether {@link #scoresOf} and {@link #mixOf} work here: bf16 on a processor that multiplies it.
   *
   * @param processor has AVX-512's bf16
   */
  public boolean multiplies(boolean processor) {
    return half && processor && Brgemm.hasHalves();
  }

  /**
   * {@code scores[r][s] = q[r] · key[s]} of a page's 32 slots, without unpacking them.
   *
   * @param q address of bf16 rows {@code [rows, padded dim]}
   * @param scores address of the page's first score; rows {@code scoresStride} floats apart
   */
  public void scoresOf(int page, int head, long q, int rows, long scores, int scoresStride) {
    long at = data.address() + keys(page, head);
    for (int panel = 0; panel < SLOTS / TILE; panel++) {
      long keys = at + (long) panel * TILE * padded * 2;
      long to = scores + panel * TILE * 4L;
      Brgemm.halves(rows, TILE, padded, q, padded, keys, TILE, to, scoresStride, false);
    }
  }

  /**
   * {@code out[r] = Σ_s weights[r][s] · value[s]}, or {@code +=}, over the page's first {@code
   * slots}, without unpacking them.
   *
   * @param weights address of the page's first bf16 weight, rows {@code weightsStride} apart; one
   *     more than an odd number of slots, which is zero
   * @param out address of floats {@code [rows, padded dim]}
   */
  public void mixOf(
      int page,
      int head,
      long weights,
      int weightsStride,
      int rows,
      int slots,
      long out,
      boolean add) {
    long at = data.address() + values(page, head);
    int depth = slots + slots % 2;
    Brgemm.halves(rows, padded, depth, weights, weightsStride, at, padded, out, padded, add);
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
