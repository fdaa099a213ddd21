package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Block-wise Hadamard rotation. Rotating both the activations and the weights of a product leaves
 * it as it is, and spreads an outlier over its whole block, so that 8 bits suffice for rows that
 * otherwise would lose their small numbers (QuaRot, arXiv 2404.00456). Measured on SmolLM2 with 8
 * bits for both: KL to fp32 0.0052 with the rotation and 0.021 without.
 */
public final class Hadamard {
  /** Larger blocks spread no better and cost more. */
  private static final int MOST = 512;

  private static final int MAGNITUDE = 0x7FFFFFFF;

  private static final VectorShuffle<Float>[] SWAPS = swaps();
  private static final FloatVector[] SIGNS = signs();

  private Hadamard() {}

  /** The largest power of two that divides n, {@value #MOST} at most. */
  public static int block(int n) {
    return Math.min(Integer.lowestOneBit(n), MOST);
  }

  /** Rotates a row of n in place; its own inverse. */
  public static void rotate(float[] x, int at, int n) {
    rotate(x, at, n, MOST);
  }

  /**
   * Rotates a row of n in blocks of a power of two, {@code most} at most; its own inverse. Smaller
   * blocks keep what an outlier costs to fewer of its neighbours' groups.
   */
  static void rotate(float[] x, int at, int n, int most) {
    int block = Math.min(block(n), most);
    if (block < L) {
      for (int b = 0; b < n; b += block) plain(x, at + b, block, 1);
    } else {
      inLanes(x, at, n);
      for (int b = 0; b < n; b += block) wide(x, at + b, block);
    }
    if (block > 1) Elementwise.scale(x, at, n, (float) (1 / Math.sqrt(block)));
  }

  /**
   * Blocks of 64 of {@code x[at .. at + n)}, rotated, into {@code out[0 .. n)}; with 16 lanes only.
   * Returns the largest magnitude.
   */
  static float rotate64(float[] x, int at, int n, float[] out) {
    FloatVector norm = FloatVector.broadcast(F, 0.125f);
    IntVector largest = IntVector.zero(I);
    for (int i = 0; i < n; i += 64) {
      FloatVector a = FloatVector.fromArray(F, x, at + i);
      FloatVector b = FloatVector.fromArray(F, x, at + i + 16);
      FloatVector c = FloatVector.fromArray(F, x, at + i + 32);
      FloatVector d = FloatVector.fromArray(F, x, at + i + 48);
      FloatVector ab = a.add(b);
      b = a.sub(b);
      FloatVector cd = c.add(d);
      d = c.sub(d);
      a = ab.add(cd).mul(norm);
      c = ab.sub(cd).mul(norm);
      cd = b.add(d).mul(norm);
      d = b.sub(d).mul(norm);
      b = cd;
      for (int s = 0; s < 4; s++) {
        a = a.fma(SIGNS[s], a.rearrange(SWAPS[s]));
        b = b.fma(SIGNS[s], b.rearrange(SWAPS[s]));
        c = c.fma(SIGNS[s], c.rearrange(SWAPS[s]));
        d = d.fma(SIGNS[s], d.rearrange(SWAPS[s]));
      }
      a.intoArray(out, i);
      b.intoArray(out, i + 16);
      c.intoArray(out, i + 32);
      d.intoArray(out, i + 48);
      IntVector ab1 =
          a.reinterpretAsInts().and(MAGNITUDE).max(b.reinterpretAsInts().and(MAGNITUDE));
      IntVector cd1 =
          c.reinterpretAsInts().and(MAGNITUDE).max(d.reinterpretAsInts().and(MAGNITUDE));
      IntVector more = ab1.max(cd1);
      largest = largest.max(more);
    }
    return Float.intBitsToFloat(largest.reduceLanes(VectorOperators.MAX));
  }

  private static void plain(float[] x, int at, int block, int from) {
    for (int h = from; h < block; h *= 2) {
      for (int i = 0; i < block; i += 2 * h) {
        for (int j = at + i; j < at + i + h; j++) {
          float a = x[j];
          float b = x[j + h];
          x[j] = a + b;
          x[j + h] = a - b;
        }
      }
    }
  }

  /** The butterflies within a vector. */
  private static void inLanes(float[] x, int at, int n) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      for (int s = 0; s < SWAPS.length; s++) v = v.fma(SIGNS[s], v.rearrange(SWAPS[s]));
      v.intoArray(x, at + i);
    }
  }

  /** The butterflies across vectors. */
  private static void wide(float[] x, int at, int block) {
    for (int h = L; h < block; h *= 2) {
      for (int i = at; i < at + block; i += 2 * h) {
        for (int j = i; j < i + h; j += L) {
          FloatVector a = FloatVector.fromArray(F, x, j);
          FloatVector b = FloatVector.fromArray(F, x, j + h);
          a.add(b).intoArray(x, j);
          a.sub(b).intoArray(x, j + h);
        }
      }
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static VectorShuffle<Float>[] swaps() {
    VectorShuffle[] swaps = new VectorShuffle[Integer.numberOfTrailingZeros(L)];
    for (int s = 0; s < swaps.length; s++) {
      int h = 1 << s;
      swaps[s] = VectorShuffle.fromOp(F, i -> i ^ h);
    }
    return swaps;
  }

  /** +1 in the lower half of each butterfly, −1 in the upper. */
  private static FloatVector[] signs() {
    FloatVector[] signs = new FloatVector[Integer.numberOfTrailingZeros(L)];
    for (int s = 0; s < signs.length; s++) {
      float[] values = new float[L];
      for (int i = 0; i < L; i++) values[i] = (i >> s & 1) == 0 ? 1 : -1;
      signs[s] = FloatVector.fromArray(F, values, 0);
    }
    return signs;
  }
}
