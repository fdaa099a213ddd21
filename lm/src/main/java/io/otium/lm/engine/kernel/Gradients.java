package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Elementwise.C2;
import static io.otium.lm.engine.kernel.Elementwise.C3;
import static io.otium.lm.engine.kernel.Elementwise.C4;
import static io.otium.lm.engine.kernel.Elementwise.C5;
import static io.otium.lm.engine.kernel.Elementwise.C6;
import static io.otium.lm.engine.kernel.Elementwise.LEAST;
import static io.otium.lm.engine.kernel.Elementwise.LN2_HIGH;
import static io.otium.lm.engine.kernel.Elementwise.LN2_LOW;
import static io.otium.lm.engine.kernel.Elementwise.LOG2_E;
import static io.otium.lm.engine.kernel.Elementwise.MOST;
import static io.otium.lm.engine.kernel.Elementwise.ROUNDER;
import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The ways back of what {@link Elementwise} does, a row at a time. */
public final class Gradients {
  private Gradients() {}

  /**
   * Of {@link Elementwise#rmsNorm}: {@code dx += s·(w·dy − x·s²·mean(w·dy·x))} with {@code s = 1 /
   * √(mean(x²) + eps)}, and {@code dw += dy·x·s}.
   */
  public static void rmsNorm(
      float[] x, float[] dy, int n, float[] w, float eps, float[] dx, float[] dw) {
    FloatVector squares = FloatVector.zero(F);
    FloatVector products = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      FloatVector g = FloatVector.fromArray(F, dy, i).mul(FloatVector.fromArray(F, w, i));
      squares = v.fma(v, squares);
      products = v.fma(g, products);
    }
    float sum = squares.reduceLanes(VectorOperators.ADD);
    float dot = products.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      sum += x[i] * x[i];
      dot += x[i] * dy[i] * w[i];
    }
    float s = (float) (1 / Math.sqrt(sum / n + eps));
    float back = -dot / n * s * s * s;
    for (i = 0; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      FloatVector g = FloatVector.fromArray(F, dy, i);
      FloatVector.fromArray(F, dw, i).add(g.mul(v).mul(s)).intoArray(dw, i);
      v.mul(back)
          .add(g.mul(FloatVector.fromArray(F, w, i)).mul(s))
          .add(FloatVector.fromArray(F, dx, i))
          .intoArray(dx, i);
    }
    for (; i < n; i++) {
      dw[i] += dy[i] * x[i] * s;
      dx[i] += x[i] * back + dy[i] * w[i] * s;
    }
  }

  /**
   * Of {@link Elementwise#siluTimes}: gradients of gates and ups in their places, and the result
   * once more in {@code dh}'s.
   */
  public static void siluTimes(float[] gate, float[] up, float[] dh, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gate, i);
      FloatVector u = FloatVector.fromArray(F, up, i);
      FloatVector d = FloatVector.fromArray(F, dh, i);
      FloatVector x = g.neg().max(LEAST).min(MOST);
      FloatVector shifted =
          x.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
      FloatVector whole = shifted.sub(ROUNDER);
      FloatVector rest = whole.fma(FloatVector.broadcast(F, -LN2_HIGH), x);
      rest = whole.fma(FloatVector.broadcast(F, -LN2_LOW), rest);
      FloatVector p = FloatVector.broadcast(F, C6);
      p = p.fma(rest, FloatVector.broadcast(F, C5));
      p = p.fma(rest, FloatVector.broadcast(F, C4));
      p = p.fma(rest, FloatVector.broadcast(F, C3));
      p = p.fma(rest, FloatVector.broadcast(F, C2));
      p = p.fma(rest, FloatVector.broadcast(F, 1f));
      p = p.fma(rest, FloatVector.broadcast(F, 1f));
      FloatVector e =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      FloatVector sigmoid = FloatVector.broadcast(F, 1f).div(e.add(1f));
      FloatVector silu = g.mul(sigmoid);
      // silu' = σ·(1 + g·(1 − σ)) = σ + silu·(1 − σ)
      FloatVector slope = silu.mul(sigmoid.neg().add(1f)).add(sigmoid);
      d.mul(u).mul(slope).intoArray(gate, i);
      d.mul(silu).intoArray(up, i);
      silu.mul(u).intoArray(dh, i);
    }
    for (; i < n; i++) {
      float sigmoid = (float) (1 / (1 + Math.exp(-gate[i])));
      float silu = gate[i] * sigmoid;
      float d = dh[i];
      dh[i] = silu * up[i];
      gate[i] = d * up[i] * (sigmoid + silu * (1 - sigmoid));
      up[i] = d * silu;
    }
  }

  /**
   * Attention's way back through the softmax, for two keys and a tile of queries: {@code p = exp(s
   * · scale − logSum)}, {@code ds = p · (dp − delta) · scale}.
   *
   * @param s scores of the first key and, a row later, of the second: floats
   * @param dp gradients of the probabilities, likewise
   * @param at of the first key in {@code s} and {@code dp}, in bytes; {@code halfAt} in {@code p}
   *     and {@code ds}; {@code pairAt} in {@code pairs}
   * @param n queries, a multiple of 16
   * @param firstSeen the first query that sees the first key; the next one sees the second too
   * @param p bf16, two rows; so is {@code ds}
   * @param pairs {@code ds} once more, the two keys side by side
   */
  public static void softmax(
      MemorySegment s,
      MemorySegment dp,
      long at,
      int n,
      int firstSeen,
      float scale,
      float[] logSum,
      float[] delta,
      int queryAt,
      MemorySegment p,
      MemorySegment ds,
      long halfAt,
      MemorySegment pairs,
      long pairAt) {
    for (int i = 0; i < n; i += L) {
      FloatVector sums = FloatVector.fromArray(F, logSum, queryAt + i);
      FloatVector less = FloatVector.fromArray(F, delta, queryAt + i);
      IntVector both = IntVector.zero(I);
      for (int key = 0; key < 2; key++) {
        long from = at + key * n * 4L + i * 4L;
        FloatVector y =
            FloatVector.fromMemorySegment(F, s, from, LITTLE)
                .mul(scale)
                .sub(sums)
                .max(LEAST)
                .min(MOST);
        FloatVector shifted =
            y.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
        FloatVector whole = shifted.sub(ROUNDER);
        FloatVector rest = whole.fma(FloatVector.broadcast(F, -LN2_HIGH), y);
        rest = whole.fma(FloatVector.broadcast(F, -LN2_LOW), rest);
        FloatVector e = FloatVector.broadcast(F, C6);
        e = e.fma(rest, FloatVector.broadcast(F, C5));
        e = e.fma(rest, FloatVector.broadcast(F, C4));
        e = e.fma(rest, FloatVector.broadcast(F, C3));
        e = e.fma(rest, FloatVector.broadcast(F, C2));
        e = e.fma(rest, FloatVector.broadcast(F, 1f));
        e = e.fma(rest, FloatVector.broadcast(F, 1f));
        FloatVector weight =
            e.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
        int hidden = firstSeen + key - i; // queries of this vector that do not see the key
        if (hidden > 0) {
          weight = weight.blend(0f, F.indexInRange(0, Math.min(hidden, L)));
        }
        FloatVector back =
            FloatVector.fromMemorySegment(F, dp, from, LITTLE).sub(less).mul(weight).mul(scale);
        IntVector bits = weight.reinterpretAsInts().add(0x8000).lanewise(VectorOperators.LSHR, 16);
        bits.convertShape(VectorOperators.I2S, S, 0)
            .reinterpretAsShorts()
            .intoMemorySegment(p, halfAt + key * n * 2L + i * 2L, LITTLE);
        IntVector backBits =
            back.reinterpretAsInts().add(0x8000).lanewise(VectorOperators.LSHR, 16);
        backBits
            .convertShape(VectorOperators.I2S, S, 0)
            .reinterpretAsShorts()
            .intoMemorySegment(ds, halfAt + key * n * 2L + i * 2L, LITTLE);
        both = both.or(key == 0 ? backBits : backBits.lanewise(VectorOperators.LSHL, 16));
      }
      both.intoMemorySegment(pairs, pairAt + i * 4L, LITTLE);
    }
  }
}
