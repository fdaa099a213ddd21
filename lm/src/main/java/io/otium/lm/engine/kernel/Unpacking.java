package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.S;
import static io.otium.lm.engine.kernel.Lanes.TILE;
import static io.otium.lm.engine.kernel.Precision.GROUP;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The weights of a tile as floats {@code [inputs][16]}, for products of several rows. A code is
 * masked into the mantissa of a number between 1 and 2, and {@code weight = factor · number +
 * offset}.
 */
final class Unpacking {
  private static final int ONE = 0x3F800000;
  private static final int HIGH = 0xFFFF0000;
  private static final int BYTE = 0xFF << 15;

  /** Signed codes become unsigned ones, 128 more, on the way into the mantissa. */
  private static final int ONE_AND_HALF = ONE | 0x80 << 15;

  private static final int NIBBLE = 0xF << 19;

  private Unpacking() {}

  static void tile(
      Precision precision,
      MemorySegment data,
      long tile,
      int groups,
      float[] out,
      int outAt,
      TileMatrix.Scratch s) {
    long codes = tile + precision.scalesBytes(groups);
    int inputs = groups * GROUP;
    for (int h = 0; h < TILE; h += L) {
      long at = codes + h * 4L;
      switch (precision) {
        case FP32 -> fp32(data, at, inputs, out, outAt + h);
        case BF16 -> bf16(data, at, inputs, out, outAt + h);
        case INT8 -> {
          scales8(data, tile + h * 4L, groups, s.factors, s.offsets, h);
          int8(data, at, inputs / 4, s.factors, s.offsets, h, out, outAt + h);
        }
        case INT4 -> {
          scales4(data, tile + h * 2L, groups, s.factors, s.offsets, h);
          int4(data, at, inputs / 8, s.factors, s.offsets, h, out, outAt + h);
        }
      }
    }
  }

  private static void fp32(MemorySegment data, long at, int inputs, float[] out, int outAt) {
    for (int i = 0; i < inputs; i++) {
      FloatVector.fromMemorySegment(F, data, at + (long) i * TILE * 4, LITTLE)
          .intoArray(out, outAt + i * TILE);
    }
  }

  private static void bf16(MemorySegment data, long at, int inputs, float[] out, int outAt) {
    for (int i = 0; i < inputs; i += 2) {
      IntVector pair = IntVector.fromMemorySegment(I, data, at + (long) i * TILE * 2, LITTLE);
      pair.lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(out, outAt + i * TILE);
      pair.and(HIGH).reinterpretAsFloats().intoArray(out, outAt + (i + 1) * TILE);
    }
  }

  private static void scales8(
      MemorySegment data, long at, int groups, float[] factors, float[] offsets, int h) {
    int span = Precision.INT8.span;
    for (int g = 0; g < groups; g++) {
      long scale = at + (long) (g / span) * (TILE * 8);
      FloatVector factor = FloatVector.fromMemorySegment(F, data, scale, LITTLE);
      factor.intoArray(factors, g * TILE + h);
      factor.mul(-1.5f).intoArray(offsets, g * TILE + h);
    }
  }

  private static void scales4(
      MemorySegment data, long at, int groups, float[] factors, float[] offsets, int h) {
    for (int g = 0; g < groups; g++) {
      long group = at + (long) g * (TILE * 4);
      ShortVector step = ShortVector.fromMemorySegment(S, data, group, LITTLE);
      FloatVector factor =
          ((IntVector) step.castShape(I, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .mul(16f);
      factor.intoArray(factors, g * TILE + h);
      ShortVector minimum = ShortVector.fromMemorySegment(S, data, group + TILE * 2, LITTLE);
      ((IntVector) minimum.castShape(I, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .sub(factor)
          .intoArray(offsets, g * TILE + h);
    }
  }

  private static void int8(
      MemorySegment data,
      long at,
      int words,
      float[] factors,
      float[] offsets,
      int h,
      float[] out,
      int outAt) {
    for (int w = 0; w < words; w++) {
      int group = (w >> 3) * TILE + h;
      FloatVector factor = FloatVector.fromArray(F, factors, group);
      FloatVector offset = FloatVector.fromArray(F, offsets, group);
      int o = outAt + w * (4 * TILE);
      IntVector q = IntVector.fromMemorySegment(I, data, at + (long) w * (TILE * 4), LITTLE);
      IntVector p = q.lanewise(VectorOperators.LSHL, 15);
      p.and(BYTE)
          .lanewise(VectorOperators.XOR, ONE_AND_HALF)
          .reinterpretAsFloats()
          .fma(factor, offset)
          .intoArray(out, o);
      p = q.lanewise(VectorOperators.LSHL, 7);
      p.and(BYTE)
          .lanewise(VectorOperators.XOR, ONE_AND_HALF)
          .reinterpretAsFloats()
          .fma(factor, offset)
          .intoArray(out, o + TILE);
      p = q.lanewise(VectorOperators.LSHR, 1);
      p.and(BYTE)
          .lanewise(VectorOperators.XOR, ONE_AND_HALF)
          .reinterpretAsFloats()
          .fma(factor, offset)
          .intoArray(out, o + 2 * TILE);
      p = q.lanewise(VectorOperators.LSHR, 9);
      p.and(BYTE)
          .lanewise(VectorOperators.XOR, ONE_AND_HALF)
          .reinterpretAsFloats()
          .fma(factor, offset)
          .intoArray(out, o + 3 * TILE);
    }
  }

  private static void int4(
      MemorySegment data,
      long at,
      int words,
      float[] factors,
      float[] offsets,
      int h,
      float[] out,
      int outAt) {
    for (int w = 0; w < words; w++) {
      int group = (w >> 2) * TILE + h;
      FloatVector factor = FloatVector.fromArray(F, factors, group);
      FloatVector offset = FloatVector.fromArray(F, offsets, group);
      int o = outAt + w * (8 * TILE);
      IntVector q = IntVector.fromMemorySegment(I, data, at + (long) w * (TILE * 4), LITTLE);
      IntVector p = q.lanewise(VectorOperators.LSHL, 19);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o);
      p = q.lanewise(VectorOperators.LSHL, 15);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + TILE);
      p = q.lanewise(VectorOperators.LSHL, 11);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + 2 * TILE);
      p = q.lanewise(VectorOperators.LSHL, 7);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + 3 * TILE);
      p = q.lanewise(VectorOperators.LSHL, 3);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + 4 * TILE);
      p = q.lanewise(VectorOperators.LSHR, 1);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + 5 * TILE);
      p = q.lanewise(VectorOperators.LSHR, 5);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + 6 * TILE);
      p = q.lanewise(VectorOperators.LSHR, 9);
      p.and(NIBBLE).or(ONE).reinterpretAsFloats().fma(factor, offset).intoArray(out, o + 7 * TILE);
    }
  }
}
