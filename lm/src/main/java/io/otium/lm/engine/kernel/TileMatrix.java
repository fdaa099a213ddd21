package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.S;
import static io.otium.lm.engine.kernel.Lanes.TILE;
import static io.otium.lm.engine.kernel.Precision.GROUP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A weight matrix {@code [outputs, inputs]} in tiles of 16 outputs: a 32-bit lane holds 1, 2, 4 or
 * 8 neighbouring inputs of one output, 16 outputs stand side by side, and each group of 32 inputs
 * begins with its 16 scales. So a product needs no sums across lanes, one load feeds 16 to 128
 * products, and memory is read in one stream.
 *
 * <p>Codes become floats without a conversion: put into the mantissa of a number between 1 and 2
 * they give {@code 1 + code/2^bits}, and the surplus {@code Σ x} is taken off once a group
 * (measured: as fast as memory for 8 bits, where unpacking to integers and converting was bound by
 * instructions for 4 bits).
 */
public final class TileMatrix {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
  private static final int ONE = 0x3F800000;
  private static final int HIGH = 0xFFFF0000;
  private static final float[] ZEROS = new float[TILE];
  private static final int MANTISSA_8 = 0x7F8000;
  private static final int MANTISSA_4 = 0x780000;

  private final Precision precision;
  private final int outputs;
  private final int inputs;
  private final int groups;
  private final long tileBytes;
  private final MemorySegment data;

  /**
   * @param data {@link #bytes} bytes, packed by {@link TilePacker}
   */
  public TileMatrix(Precision precision, int outputs, int inputs, MemorySegment data) {
    this.precision = precision;
    this.outputs = outputs;
    this.inputs = inputs;
    this.groups = Lanes.pad(inputs, GROUP) / GROUP;
    this.tileBytes = (long) groups * precision.groupBytes();
    this.data = data;
    if (data.byteSize() < bytes(precision, outputs, inputs)) {
      throw new IllegalArgumentException(
          "a "
              + outputs
              + "×"
              + inputs
              + " matrix takes "
              + bytes(precision, outputs, inputs)
              + " bytes, not "
              + data.byteSize());
    }
  }

  /** Bytes of a packed matrix. */
  public static long bytes(Precision precision, int outputs, int inputs) {
    return (long) Lanes.pad(outputs, TILE)
        / TILE
        * (Lanes.pad(inputs, GROUP) / GROUP)
        * precision.groupBytes();
  }

  public int outputs() {
    return outputs;
  }

  public int inputs() {
    return inputs;
  }

  public Precision precision() {
    return precision;
  }

  public int tiles() {
    return Lanes.pad(outputs, TILE) / TILE;
  }

  /**
   * What a worker needs beside the operands of a product: room for the largest matrix it will meet.
   */
  public static final class Scratch {
    /** Two tiles' weights as floats, {@code [2][inputs][16]}. */
    private final float[] panels;

    /** The sum of each group of inputs. */
    private final float[] sums;

    /** A tile's factors and offsets, {@code [groups][2][16]}. */
    private final float[] scales;

    public Scratch(int mostInputs) {
      int k = Lanes.pad(mostInputs, GROUP);
      panels = new float[2 * TILE * k];
      sums = new float[k / GROUP];
      scales = new float[2 * TILE * (k / GROUP)];
    }
  }

  /**
   * {@code y[r] = W x[r]} (or {@code +=}) for the outputs of tiles {@code [fromTile, toTile)}.
   *
   * @param x rows {@code [rows, inputs]}; {@code inputs} padded with zeros to a multiple of 32
   * @param y rows {@code [rows, outputs]}; a row has room for {@code outputs} padded to a multiple
   *     of 16
   */
  public void multiply(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] y,
      int yAt,
      int yStride,
      boolean add,
      int fromTile,
      int toTile,
      Scratch scratch) {
    if (rows == 1) {
      one(x, xAt, y, yAt, add, fromTile, toTile, scratch);
      return;
    }
    int k = groups * GROUP;
    int tile = fromTile;
    for (; tile + 2 <= toTile; tile += 2) {
      unpack(tile, scratch.panels, 0, scratch.scales);
      unpack(tile + 1, scratch.panels, TILE * k, scratch.scales);
      MicroKernel.twoPanels(
          x,
          xAt,
          xStride,
          rows,
          k,
          scratch.panels,
          0,
          TILE,
          TILE * k,
          y,
          yAt + tile * TILE,
          yStride,
          add);
    }
    if (tile < toTile) {
      unpack(tile, scratch.panels, 0, scratch.scales);
      MicroKernel.onePanel(
          x, xAt, xStride, rows, k, scratch.panels, 0, TILE, y, yAt + tile * TILE, yStride, add);
    }
  }

  private void one(
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      boolean add,
      int fromTile,
      int toTile,
      Scratch scratch) {
    float[] sums = scratch.sums;
    float[] scales = scratch.scales;
    if (precision.scaleBytes > 0) groupSums(x, xAt, sums);
    for (int t = fromTile; t < toTile; t++) {
      long tile = t * tileBytes;
      if (precision.scaleBytes > 0) readScales(tile, scales);
      for (int h = 0; h < TILE; h += L) {
        int at = yAt + t * TILE + h;
        switch (precision) {
          case FP32 -> oneFp32(data, tile, groups, x, xAt, y, at, add, h);
          case BF16 -> oneBf16(data, tile, groups, x, xAt, y, at, add, h);
          case INT8 -> oneInt8(data, tile, groups, x, xAt, sums, scales, y, at, add, h);
          case INT4 -> oneInt4(data, tile, groups, x, xAt, sums, scales, y, at, add, h);
        }
      }
    }
  }

  private void groupSums(float[] x, int xAt, float[] sums) {
    for (int g = 0; g < groups; g++) sums[g] = Elementwise.sum(x, xAt + g * GROUP, GROUP);
  }

  private static void oneFp32(
      MemorySegment data,
      long tile,
      int groups,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      boolean add,
      int h) {
    FloatVector s0 = FloatVector.fromArray(F, add ? y : ZEROS, add ? yAt : 0);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    for (int i = 0; i < groups * GROUP; i += 4) {
      long at = tile + (long) i * TILE * 4 + h * 4L;
      s0 =
          FloatVector.fromMemorySegment(F, data, at, LITTLE)
              .fma(FloatVector.broadcast(F, x[xAt + i]), s0);
      s1 =
          FloatVector.fromMemorySegment(F, data, at + TILE * 4, LITTLE)
              .fma(FloatVector.broadcast(F, x[xAt + i + 1]), s1);
      s2 =
          FloatVector.fromMemorySegment(F, data, at + TILE * 8, LITTLE)
              .fma(FloatVector.broadcast(F, x[xAt + i + 2]), s2);
      s3 =
          FloatVector.fromMemorySegment(F, data, at + TILE * 12, LITTLE)
              .fma(FloatVector.broadcast(F, x[xAt + i + 3]), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoArray(y, yAt);
  }

  private static void oneBf16(
      MemorySegment data,
      long tile,
      int groups,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      boolean add,
      int h) {
    FloatVector s0 = FloatVector.fromArray(F, add ? y : ZEROS, add ? yAt : 0);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    for (int i = 0; i < groups * GROUP; i += 4) {
      long at = tile + (long) i * TILE * 2 + h * 4L;
      IntVector a = IntVector.fromMemorySegment(I, data, at, LITTLE);
      IntVector b = IntVector.fromMemorySegment(I, data, at + TILE * 4, LITTLE);
      s0 =
          a.lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + i]), s0);
      s1 = a.and(HIGH).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + i + 1]), s1);
      s2 =
          b.lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + i + 2]), s2);
      s3 = b.and(HIGH).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + i + 3]), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoArray(y, yAt);
  }

  private static void oneInt8(
      MemorySegment data,
      long tile,
      int groups,
      float[] x,
      int xAt,
      float[] sums,
      float[] scales,
      float[] y,
      int yAt,
      boolean add,
      int h) {
    FloatVector total = FloatVector.fromArray(F, add ? y : ZEROS, add ? yAt : 0);
    int k = xAt;
    for (int g = 0; g < groups; g++) {
      long at = tile + (long) g * (TILE * 34) + TILE * 2 + h * 4L;
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = FloatVector.zero(F);
      FloatVector s2 = FloatVector.zero(F);
      FloatVector s3 = FloatVector.zero(F);
      for (int j = 0; j < 8; j++, at += TILE * 4, k += 4) {
        IntVector q = IntVector.fromMemorySegment(I, data, at, LITTLE);
        s0 =
            q.lanewise(VectorOperators.LSHL, 15)
                .and(MANTISSA_8)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k]), s0);
        s1 =
            q.lanewise(VectorOperators.LSHL, 7)
                .and(MANTISSA_8)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 1]), s1);
        s2 =
            q.lanewise(VectorOperators.LSHR, 1)
                .and(MANTISSA_8)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 2]), s2);
        s3 =
            q.lanewise(VectorOperators.LSHR, 9)
                .and(MANTISSA_8)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 3]), s3);
      }
      FloatVector factor = FloatVector.fromArray(F, scales, g * 2 * TILE + h);
      FloatVector offset = FloatVector.fromArray(F, scales, g * 2 * TILE + TILE + h);
      total = offset.fma(FloatVector.broadcast(F, sums[g]), total);
      total = s0.add(s1).add(s2.add(s3)).fma(factor, total);
    }
    total.intoArray(y, yAt);
  }

  private static void oneInt4(
      MemorySegment data,
      long tile,
      int groups,
      float[] x,
      int xAt,
      float[] sums,
      float[] scales,
      float[] y,
      int yAt,
      boolean add,
      int h) {
    FloatVector total = FloatVector.fromArray(F, add ? y : ZEROS, add ? yAt : 0);
    int k = xAt;
    for (int g = 0; g < groups; g++) {
      long at = tile + (long) g * (TILE * 20) + TILE * 4 + h * 4L;
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = FloatVector.zero(F);
      FloatVector s2 = FloatVector.zero(F);
      FloatVector s3 = FloatVector.zero(F);
      for (int j = 0; j < 4; j++, at += TILE * 4, k += 8) {
        IntVector q = IntVector.fromMemorySegment(I, data, at, LITTLE);
        s0 =
            q.lanewise(VectorOperators.LSHL, 19)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k]), s0);
        s1 =
            q.lanewise(VectorOperators.LSHL, 15)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 1]), s1);
        s2 =
            q.lanewise(VectorOperators.LSHL, 11)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 2]), s2);
        s3 =
            q.lanewise(VectorOperators.LSHL, 7)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 3]), s3);
        s0 =
            q.lanewise(VectorOperators.LSHL, 3)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 4]), s0);
        s1 =
            q.lanewise(VectorOperators.LSHR, 1)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 5]), s1);
        s2 =
            q.lanewise(VectorOperators.LSHR, 5)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 6]), s2);
        s3 =
            q.lanewise(VectorOperators.LSHR, 9)
                .and(MANTISSA_4)
                .or(ONE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(F, x[k + 7]), s3);
      }
      FloatVector factor = FloatVector.fromArray(F, scales, g * 2 * TILE + h);
      FloatVector offset = FloatVector.fromArray(F, scales, g * 2 * TILE + TILE + h);
      total = offset.fma(FloatVector.broadcast(F, sums[g]), total);
      total = s0.add(s1).add(s2.add(s3)).fma(factor, total);
    }
    total.intoArray(y, yAt);
  }

  /**
   * What turns a tile's mantissas into weights: {@code weight = factor · mantissa + offset}, as
   * {@code [groups][factors 16, offsets 16]}.
   */
  private void readScales(long tile, float[] out) {
    if (precision == Precision.INT8) readScales8(data, tile, groups, out);
    else readScales4(data, tile, groups, out);
  }

  private static void readScales8(MemorySegment data, long tile, int groups, float[] out) {
    for (int g = 0; g < groups; g++) {
      for (int h = 0; h < TILE; h += L) {
        ShortVector stored =
            ShortVector.fromMemorySegment(S, data, tile + (long) g * (TILE * 34) + h * 2L, LITTLE);
        FloatVector factor =
            ((IntVector) stored.castShape(I, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
        factor.intoArray(out, g * 2 * TILE + h);
        factor.mul(-1.5f).intoArray(out, g * 2 * TILE + TILE + h);
      }
    }
  }

  private static void readScales4(MemorySegment data, long tile, int groups, float[] out) {
    for (int g = 0; g < groups; g++) {
      for (int h = 0; h < TILE; h += L) {
        long at = tile + (long) g * (TILE * 20) + h * 2L;
        ShortVector step = ShortVector.fromMemorySegment(S, data, at, LITTLE);
        FloatVector factor =
            ((IntVector) step.castShape(I, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats()
                .mul(16f);
        factor.intoArray(out, g * 2 * TILE + h);
        ShortVector minimum = ShortVector.fromMemorySegment(S, data, at + TILE * 2, LITTLE);
        ((IntVector) minimum.castShape(I, 0))
            .lanewise(VectorOperators.LSHL, 16)
            .reinterpretAsFloats()
            .sub(factor)
            .intoArray(out, g * 2 * TILE + TILE + h);
      }
    }
  }

  /** One output's weights as floats: an embedding's row. */
  public void row(int output, float[] out, int at) {
    int lane = output % TILE;
    long tile = output / TILE * tileBytes;
    int bits = 32 / precision.perLane;
    int mask = bits == 32 ? -1 : (1 << bits) - 1;
    for (int i = 0; i < inputs; i++) {
      long group = tile + (long) (i / GROUP) * precision.groupBytes();
      int within = i % GROUP;
      long word =
          group
              + TILE * precision.scaleBytes
              + (long) (within / precision.perLane) * TILE * 4
              + lane * 4L;
      int code = data.get(INT, word) >>> (within % precision.perLane * bits) & mask;
      out[at + i] =
          switch (precision) {
            case FP32 -> Float.intBitsToFloat(code);
            case BF16 -> Lanes.fromBf16((short) code);
            case INT8 -> Lanes.fromBf16(data.get(SHORT, group + lane * 2L)) * ((code - 128) / 256f);
            case INT4 ->
                Lanes.fromBf16(data.get(SHORT, group + lane * 2L)) * code
                    + Lanes.fromBf16(data.get(SHORT, group + TILE * 2 + lane * 2L));
          };
    }
  }

  /**
   * All weights as floats, {@code [outputs, inputs]}, a few tiles at a time on the calling thread.
   */
  public float[] floats() {
    int k = groups * GROUP;
    float[] tile = new float[TILE * k];
    Scratch scratch = new Scratch(inputs);
    float[] all = new float[Math.multiplyExact(outputs, inputs)];
    for (int t = 0; t < tiles(); t++) {
      unpack(t, tile, 0, scratch.scales);
      for (int r = 0; r < TILE && t * TILE + r < outputs; r++) {
        int at = (t * TILE + r) * inputs;
        for (int i = 0; i < inputs; i++) all[at + i] = tile[i * TILE + r];
      }
    }
    return all;
  }

  /** The 16 outputs of a tile as floats, {@code [inputs][16]}. */
  void unpack(int t, float[] out, int outAt, float[] scales) {
    long tile = t * tileBytes;
    if (precision.scaleBytes > 0) readScales(tile, scales);
    for (int h = 0; h < TILE; h += L) {
      switch (precision) {
        case FP32 -> unpackFp32(data, tile, groups, out, outAt, h);
        case BF16 -> unpackBf16(data, tile, groups, out, outAt, h);
        case INT8 -> unpackInt8(data, tile, groups, scales, out, outAt, h);
        case INT4 -> unpackInt4(data, tile, groups, scales, out, outAt, h);
      }
    }
  }

  private static void unpackFp32(
      MemorySegment data, long tile, int groups, float[] out, int outAt, int h) {
    for (int i = 0; i < groups * GROUP; i++) {
      FloatVector.fromMemorySegment(F, data, tile + (long) i * TILE * 4 + h * 4L, LITTLE)
          .intoArray(out, outAt + i * TILE + h);
    }
  }

  private static void unpackBf16(
      MemorySegment data, long tile, int groups, float[] out, int outAt, int h) {
    for (int i = 0; i < groups * GROUP; i += 2) {
      IntVector pair =
          IntVector.fromMemorySegment(I, data, tile + (long) i * TILE * 2 + h * 4L, LITTLE);
      pair.lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(out, outAt + i * TILE + h);
      pair.and(HIGH).reinterpretAsFloats().intoArray(out, outAt + (i + 1) * TILE + h);
    }
  }

  private static void unpackInt8(
      MemorySegment data, long tile, int groups, float[] scales, float[] out, int outAt, int h) {
    int o = outAt + h;
    for (int g = 0; g < groups; g++) {
      FloatVector factor = FloatVector.fromArray(F, scales, g * 2 * TILE + h);
      FloatVector offset = FloatVector.fromArray(F, scales, g * 2 * TILE + TILE + h);
      long at = tile + (long) g * (TILE * 34) + TILE * 2 + h * 4L;
      for (int j = 0; j < 8; j++, at += TILE * 4, o += 4 * TILE) {
        IntVector q = IntVector.fromMemorySegment(I, data, at, LITTLE);
        q.lanewise(VectorOperators.LSHL, 15)
            .and(MANTISSA_8)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o);
        q.lanewise(VectorOperators.LSHL, 7)
            .and(MANTISSA_8)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + TILE);
        q.lanewise(VectorOperators.LSHR, 1)
            .and(MANTISSA_8)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 2 * TILE);
        q.lanewise(VectorOperators.LSHR, 9)
            .and(MANTISSA_8)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 3 * TILE);
      }
    }
  }

  private static void unpackInt4(
      MemorySegment data, long tile, int groups, float[] scales, float[] out, int outAt, int h) {
    int o = outAt + h;
    for (int g = 0; g < groups; g++) {
      FloatVector factor = FloatVector.fromArray(F, scales, g * 2 * TILE + h);
      FloatVector offset = FloatVector.fromArray(F, scales, g * 2 * TILE + TILE + h);
      long at = tile + (long) g * (TILE * 20) + TILE * 4 + h * 4L;
      for (int j = 0; j < 4; j++, at += TILE * 4, o += 8 * TILE) {
        IntVector q = IntVector.fromMemorySegment(I, data, at, LITTLE);
        q.lanewise(VectorOperators.LSHL, 19)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o);
        q.lanewise(VectorOperators.LSHL, 15)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + TILE);
        q.lanewise(VectorOperators.LSHL, 11)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 2 * TILE);
        q.lanewise(VectorOperators.LSHL, 7)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 3 * TILE);
        q.lanewise(VectorOperators.LSHL, 3)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 4 * TILE);
        q.lanewise(VectorOperators.LSHR, 1)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 5 * TILE);
        q.lanewise(VectorOperators.LSHR, 5)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 6 * TILE);
        q.lanewise(VectorOperators.LSHR, 9)
            .and(MANTISSA_4)
            .or(ONE)
            .reinterpretAsFloats()
            .fma(factor, offset)
            .intoArray(out, o + 7 * TILE);
      }
    }
  }
}
