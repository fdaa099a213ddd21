package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.TILE;

import jdk.incubator.vector.FloatVector;

/**
 * Products of several rows with panels of 16 columns: {@code y[r][c] += Σ_k x[r][k] · w[k][c]}. The
 * one inner loop behind many-row weights, attention scores and attention values.
 */
final class MicroKernel {
  /** What sums begin with that are not added to anything. */
  private static final float[] ZEROS = new float[2 * TILE];

  private MicroKernel() {}

  /**
   * Two panels beside each other.
   *
   * @param x rows, element {@code [r][k]} at {@code xAt + r·xStride + k}
   * @param w element {@code [k][c]} of the first panel at {@code wAt + k·wStride + c}, of the
   *     second {@code panelStride} further on
   * @param y element {@code [r][c]} at {@code yAt + r·yStride + c}, the second panel's 16 further
   *     on
   */
  static void twoPanels(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      int k,
      float[] w,
      int wAt,
      int wStride,
      int panelStride,
      float[] y,
      int yAt,
      int yStride,
      boolean add) {
    int r = 0;
    for (; r + 6 <= rows; r += 6) {
      for (int h = 0; h < TILE; h += L) {
        six(
            x,
            xAt + r * xStride,
            xStride,
            k,
            w,
            wAt + h,
            wStride,
            panelStride,
            y,
            yAt + r * yStride + h,
            yStride,
            add);
      }
    }
    for (; r + 2 <= rows; r += 2) {
      for (int h = 0; h < TILE; h += L) {
        two(
            x,
            xAt + r * xStride,
            xStride,
            k,
            w,
            wAt + h,
            wStride,
            panelStride,
            y,
            yAt + r * yStride + h,
            yStride,
            add);
      }
    }
    for (; r < rows; r++) {
      for (int h = 0; h < TILE; h += L) {
        one(x, xAt + r * xStride, k, w, wAt + h, wStride, y, yAt + r * yStride + h, add);
        one(
            x,
            xAt + r * xStride,
            k,
            w,
            wAt + panelStride + h,
            wStride,
            y,
            yAt + r * yStride + TILE + h,
            add);
      }
    }
  }

  /** One panel; as {@link #twoPanels}. */
  static void onePanel(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      int k,
      float[] w,
      int wAt,
      int wStride,
      float[] y,
      int yAt,
      int yStride,
      boolean add) {
    for (int r = 0; r < rows; r++) {
      for (int h = 0; h < TILE; h += L) {
        one(x, xAt + r * xStride, k, w, wAt + h, wStride, y, yAt + r * yStride + h, add);
      }
    }
  }

  private static void one(
      float[] x, int xAt, int k, float[] w, int wAt, int wStride, float[] y, int yAt, boolean add) {
    FloatVector a = FloatVector.fromArray(F, add ? y : ZEROS, add ? yAt : 0);
    FloatVector b = FloatVector.zero(F);
    int i = 0;
    for (; i + 2 <= k; i += 2) {
      a =
          FloatVector.fromArray(F, w, wAt + i * wStride)
              .fma(FloatVector.broadcast(F, x[xAt + i]), a);
      b =
          FloatVector.fromArray(F, w, wAt + (i + 1) * wStride)
              .fma(FloatVector.broadcast(F, x[xAt + i + 1]), b);
    }
    if (i < k)
      a =
          FloatVector.fromArray(F, w, wAt + i * wStride)
              .fma(FloatVector.broadcast(F, x[xAt + i]), a);
    a.add(b).intoArray(y, yAt);
  }

  private static void two(
      float[] x,
      int xAt,
      int xStride,
      int k,
      float[] w,
      int wAt,
      int wStride,
      int panel,
      float[] y,
      int yAt,
      int yStride,
      boolean add) {
    float[] base = add ? y : ZEROS;
    int baseAt = add ? yAt : 0;
    int baseStride = add ? yStride : 0;
    FloatVector a0 = FloatVector.fromArray(F, base, baseAt);
    FloatVector b0 = FloatVector.fromArray(F, base, baseAt + TILE);
    FloatVector a1 = FloatVector.fromArray(F, base, baseAt + baseStride);
    FloatVector b1 = FloatVector.fromArray(F, base, baseAt + baseStride + TILE);
    int x1 = xAt + xStride;
    for (int i = 0; i < k; i++) {
      FloatVector wa = FloatVector.fromArray(F, w, wAt + i * wStride);
      FloatVector wb = FloatVector.fromArray(F, w, wAt + i * wStride + panel);
      FloatVector r = FloatVector.broadcast(F, x[xAt + i]);
      a0 = wa.fma(r, a0);
      b0 = wb.fma(r, b0);
      r = FloatVector.broadcast(F, x[x1 + i]);
      a1 = wa.fma(r, a1);
      b1 = wb.fma(r, b1);
    }
    a0.intoArray(y, yAt);
    b0.intoArray(y, yAt + TILE);
    a1.intoArray(y, yAt + yStride);
    b1.intoArray(y, yAt + yStride + TILE);
  }

  /** 6 rows × 2 panels: 12 running sums keep the multipliers busy, 8 loads feed 12 products. */
  private static void six(
      float[] x,
      int xAt,
      int xStride,
      int k,
      float[] w,
      int wAt,
      int wStride,
      int panel,
      float[] y,
      int yAt,
      int yStride,
      boolean add) {
    float[] base = add ? y : ZEROS;
    int baseAt = add ? yAt : 0;
    int baseStride = add ? yStride : 0;
    FloatVector a0 = FloatVector.fromArray(F, base, baseAt);
    FloatVector b0 = FloatVector.fromArray(F, base, baseAt + TILE);
    FloatVector a1 = FloatVector.fromArray(F, base, baseAt + baseStride);
    FloatVector b1 = FloatVector.fromArray(F, base, baseAt + baseStride + TILE);
    FloatVector a2 = FloatVector.fromArray(F, base, baseAt + 2 * baseStride);
    FloatVector b2 = FloatVector.fromArray(F, base, baseAt + 2 * baseStride + TILE);
    FloatVector a3 = FloatVector.fromArray(F, base, baseAt + 3 * baseStride);
    FloatVector b3 = FloatVector.fromArray(F, base, baseAt + 3 * baseStride + TILE);
    FloatVector a4 = FloatVector.fromArray(F, base, baseAt + 4 * baseStride);
    FloatVector b4 = FloatVector.fromArray(F, base, baseAt + 4 * baseStride + TILE);
    FloatVector a5 = FloatVector.fromArray(F, base, baseAt + 5 * baseStride);
    FloatVector b5 = FloatVector.fromArray(F, base, baseAt + 5 * baseStride + TILE);
    int x1 = xAt + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    int x4 = x3 + xStride;
    int x5 = x4 + xStride;
    for (int i = 0; i < k; i++) {
      FloatVector wa = FloatVector.fromArray(F, w, wAt + i * wStride);
      FloatVector wb = FloatVector.fromArray(F, w, wAt + i * wStride + panel);
      FloatVector r = FloatVector.broadcast(F, x[xAt + i]);
      a0 = wa.fma(r, a0);
      b0 = wb.fma(r, b0);
      r = FloatVector.broadcast(F, x[x1 + i]);
      a1 = wa.fma(r, a1);
      b1 = wb.fma(r, b1);
      r = FloatVector.broadcast(F, x[x2 + i]);
      a2 = wa.fma(r, a2);
      b2 = wb.fma(r, b2);
      r = FloatVector.broadcast(F, x[x3 + i]);
      a3 = wa.fma(r, a3);
      b3 = wb.fma(r, b3);
      r = FloatVector.broadcast(F, x[x4 + i]);
      a4 = wa.fma(r, a4);
      b4 = wb.fma(r, b4);
      r = FloatVector.broadcast(F, x[x5 + i]);
      a5 = wa.fma(r, a5);
      b5 = wb.fma(r, b5);
    }
    a0.intoArray(y, yAt);
    b0.intoArray(y, yAt + TILE);
    a1.intoArray(y, yAt + yStride);
    b1.intoArray(y, yAt + yStride + TILE);
    a2.intoArray(y, yAt + 2 * yStride);
    b2.intoArray(y, yAt + 2 * yStride + TILE);
    a3.intoArray(y, yAt + 3 * yStride);
    b3.intoArray(y, yAt + 3 * yStride + TILE);
    a4.intoArray(y, yAt + 4 * yStride);
    b4.intoArray(y, yAt + 4 * yStride + TILE);
    a5.intoArray(y, yAt + 5 * yStride);
    b5.intoArray(y, yAt + 5 * yStride + TILE);
  }
}
