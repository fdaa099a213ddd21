package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.S;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What happens between the products, a row at a time; lengths need not be multiples of the vector
 * width.
 */
public final class Elementwise {
  // exp(x) = 2^n · exp(rest), |rest| ≤ ln 2 / 2, by a polynomial: the Vector API's own EXP took 50
  // ns a number here.
  // Adding ROUNDER leaves n, rounded, in the low bits of the mantissa.
  static final float LOG2_E = 1.442695f;
  static final float ROUNDER = 12582912f;
  static final float LN2_HIGH = 355f / 512f;
  static final float LN2_LOW = -2.1219444e-4f;
  static final float C2 = 0.5f;
  static final float C3 = 0.16666667f;
  static final float C4 = 0.04166664f;
  static final float C5 = 0.008333375f;
  static final float C6 = 0.0013982f;
  private static final int MAGNITUDE = 0x7FFFFFFF;
  static final float LEAST = -87f;
  static final float MOST = 88f;

  private Elementwise() {}

  /** {@code out = x / √(mean(x²) + eps) · weight}; out may be x. */
  public static void rmsNorm(
      float[] x, int at, int n, float[] weight, float eps, float[] out, int outAt) {
    FloatVector squares = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      squares = v.fma(v, squares);
    }
    float sum = squares.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) sum += x[at + i] * x[at + i];
    float scale = (float) (1 / Math.sqrt(sum / n + eps));
    for (i = 0; i <= n - L; i += L) {
      FloatVector.fromArray(F, x, at + i)
          .mul(scale)
          .mul(FloatVector.fromArray(F, weight, i))
          .intoArray(out, outAt + i);
    }
    for (; i < n; i++) out[outAt + i] = x[at + i] * scale * weight[i];
  }

  /** {@code out = (x − mean) / √(variance + eps) · weight + bias}; out may be x. */
  public static void layerNorm(
      float[] x, int at, int n, float[] weight, float[] bias, float eps, float[] out, int outAt) {
    float mean = sum(x, at, n) / n;
    float squares = 0;
    for (int i = 0; i < n; i++) {
      float d = x[at + i] - mean;
      squares += d * d;
    }
    float scale = (float) (1 / Math.sqrt(squares / n + eps));
    for (int i = 0; i < n; i++) out[outAt + i] = (x[at + i] - mean) * scale * weight[i] + bias[i];
  }

  /** {@code out[i] = round(x[i] · scale) + 128} as bytes, for products that stay within them. */
  public static void quantiseInto(float[] x, int n, float scale, byte[] out) {
    // truncated halves up: what is cut is never negative
    for (int i = 0; i < n; i++) out[i] = (byte) (int) (x[i] * scale + 128.5f);
  }

  /** The same, into native memory. */
  static void quantiseInto(float[] x, int n, float scale, MemorySegment out, long at) {
    int i = 0;
    if (L == Lanes.TILE) {
      FloatVector half = FloatVector.broadcast(F, 128.5f);
      FloatVector factor = FloatVector.broadcast(F, scale);
      for (; i <= n - L; i += L) {
        FloatVector.fromArray(F, x, i)
            .fma(factor, half)
            .convertShape(VectorOperators.F2I, I, 0)
            .convertShape(VectorOperators.I2B, ByteVector.SPECIES_128, 0)
            .reinterpretAsBytes()
            .intoMemorySegment(out, at + i, Lanes.LITTLE);
      }
    }
    for (; i < n; i++) {
      out.set(ValueLayout.JAVA_BYTE, at + i, (byte) (int) (x[i] * scale + 128.5f));
    }
  }

  public static float sum(float[] x, int at, int n) {
    FloatVector sums = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) sums = sums.add(FloatVector.fromArray(F, x, at + i));
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) sum += x[at + i];
    return sum;
  }

  public static float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    FloatVector sums = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L)
      sums = FloatVector.fromArray(F, a, aAt + i).fma(FloatVector.fromArray(F, b, bAt + i), sums);
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) sum += a[aAt + i] * b[bAt + i];
    return sum;
  }

  /** {@code into += what}. */
  public static void add(float[] into, int at, float[] what, int whatAt, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(F, into, at + i)
          .add(FloatVector.fromArray(F, what, whatAt + i))
          .intoArray(into, at + i);
    }
    for (; i < n; i++) into[at + i] += what[whatAt + i];
  }

  /** {@code into += factor · what}. */
  public static void addScaled(
      float[] into, int at, float[] what, int whatAt, int n, float factor) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(F, what, whatAt + i)
          .fma(FloatVector.broadcast(F, factor), FloatVector.fromArray(F, into, at + i))
          .intoArray(into, at + i);
    }
    for (; i < n; i++) into[at + i] += factor * what[whatAt + i];
  }

  public static void scale(float[] x, int at, int n, float factor) {
    int i = 0;
    for (; i <= n - L; i += L) FloatVector.fromArray(F, x, at + i).mul(factor).intoArray(x, at + i);
    for (; i < n; i++) x[at + i] *= factor;
  }

  /** {@code out = gate · sigmoid(gate) · up}. */
  public static void siluTimes(
      float[] gate, int gateAt, float[] up, int upAt, int n, float[] out, int outAt) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gate, gateAt + i);
      FloatVector arg = g.neg();
      FloatVector x = arg.max(LEAST).min(MOST);
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
      g.div(e.add(1f)).mul(FloatVector.fromArray(F, up, upAt + i)).intoArray(out, outAt + i);
    }
    for (; i < n; i++) {
      float g = gate[gateAt + i];
      out[outAt + i] = (float) (g / (1 + Math.exp(-g))) * up[upAt + i];
    }
  }

  /**
   * Turns a head's (first half, second half) pairs by the angles at {@code table[tableAt ..]}: half
   * cosines, then half sines.
   */
  public static void rotate(float[] x, int at, int half, float[] table, int tableAt) {
    int i = 0;
    for (; i <= half - L; i += L) {
      FloatVector a = FloatVector.fromArray(F, x, at + i);
      FloatVector b = FloatVector.fromArray(F, x, at + half + i);
      FloatVector cos = FloatVector.fromArray(F, table, tableAt + i);
      FloatVector sin = FloatVector.fromArray(F, table, tableAt + half + i);
      a.mul(cos).sub(b.mul(sin)).intoArray(x, at + i);
      b.mul(cos).add(a.mul(sin)).intoArray(x, at + half + i);
    }
    for (; i < half; i++) {
      float a = x[at + i];
      float b = x[at + half + i];
      float cos = table[tableAt + i];
      float sin = table[tableAt + half + i];
      x[at + i] = a * cos - b * sin;
      x[at + half + i] = b * cos + a * sin;
    }
  }

  /** Largest magnitude; of numbers as integers, whose order is the same and found sooner. */
  public static float maxAbs(float[] x, int at, int n) {
    IntVector best = IntVector.zero(I);
    int i = 0;
    for (; i <= n - L; i += L) {
      best = best.max(FloatVector.fromArray(F, x, at + i).reinterpretAsInts().and(MAGNITUDE));
    }
    int max = best.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) max = Math.max(max, Float.floatToRawIntBits(x[at + i]) & MAGNITUDE);
    return Float.intBitsToFloat(max);
  }

  /** {@code to[toAt ..] = factor · x}; {@code toAt} in bytes. */
  public static void scaleInto(
      float[] x, int at, int n, float factor, MemorySegment to, long toAt) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(F, x, at + i)
          .mul(factor)
          .intoMemorySegment(to, toAt + i * 4L, Lanes.LITTLE);
    }
    for (; i < n; i++) to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, toAt + i * 4L, x[at + i] * factor);
  }

  /** {@code to = factor · from}, or {@code to += factor · from}; {@code fromAt} in bytes. */
  public static void scaleFrom(
      MemorySegment from, long fromAt, int n, float factor, float[] to, int at, boolean add) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v =
          FloatVector.fromMemorySegment(F, from, fromAt + i * 4L, Lanes.LITTLE).mul(factor);
      (add ? v.add(FloatVector.fromArray(F, to, at + i)) : v).intoArray(to, at + i);
    }
    for (; i < n; i++) {
      float v = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, fromAt + i * 4L) * factor;
      to[at + i] = add ? to[at + i] + v : v;
    }
  }

  public static float max(float[] x, int at, int n) {
    FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - L; i += L) best = best.max(FloatVector.fromArray(F, x, at + i));
    float max = best.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) max = Math.max(max, x[at + i]);
    return max;
  }

  /** {@code x = exp(factor · (x − max))}; returns the sum. */
  public static float expOfDifference(float[] x, int at, int n, float max, float factor) {
    FloatVector sums = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector arg = FloatVector.fromArray(F, x, at + i).sub(max).mul(factor);
      FloatVector y = arg.max(LEAST).min(MOST);
      FloatVector shifted =
          y.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
      FloatVector whole = shifted.sub(ROUNDER);
      FloatVector rest = whole.fma(FloatVector.broadcast(F, -LN2_HIGH), y);
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
      e.intoArray(x, at + i);
      sums = sums.add(e);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      x[at + i] = (float) Math.exp((x[at + i] - max) * factor);
      sum += x[at + i];
    }
    return sum;
  }

  /** The largest of n floats in native memory; {@code at} in bytes, read to whole vectors. */
  public static float max(MemorySegment x, long at, int n) {
    FloatVector lowest = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector best = lowest;
    int i = 0;
    for (; i <= n - L; i += L) {
      best = best.max(FloatVector.fromMemorySegment(F, x, at + i * 4L, Lanes.LITTLE));
    }
    if (i < n) {
      FloatVector last = FloatVector.fromMemorySegment(F, x, at + i * 4L, Lanes.LITTLE);
      best = best.max(lowest.blend(last, F.indexInRange(i, n)));
    }
    return best.reduceLanes(VectorOperators.MAX);
  }

  /**
   * {@code to = bf16(exp(factor · (x − max)))} of n floats in native memory, with zeros up to a
   * whole vector; returns the sum of what was written. Addresses in bytes.
   */
  public static float expToBf16(
      MemorySegment x, long at, int n, float max, float factor, MemorySegment to, long toAt) {
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, at + i * 4L, Lanes.LITTLE);
      FloatVector y = v.sub(max).mul(factor).max(LEAST).min(MOST);
      FloatVector shifted =
          y.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
      FloatVector whole = shifted.sub(ROUNDER);
      FloatVector rest = whole.fma(FloatVector.broadcast(F, -LN2_HIGH), y);
      rest = whole.fma(FloatVector.broadcast(F, -LN2_LOW), rest);
      FloatVector p = FloatVector.broadcast(F, C6);
      p = p.fma(rest, FloatVector.broadcast(F, C5));
      p = p.fma(rest, FloatVector.broadcast(F, C4));
      p = p.fma(rest, FloatVector.broadcast(F, C3));
      p = p.fma(rest, FloatVector.broadcast(F, C2));
      p = p.fma(rest, FloatVector.broadcast(F, 1f));
      p = p.fma(rest, FloatVector.broadcast(F, 1f));
      IntVector bits =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .add(0x8000)
              .and(0xFFFF0000);
      if (i + L > n) bits = IntVector.zero(I).blend(bits, F.indexInRange(i, n).cast(I));
      sums = sums.add(bits.reinterpretAsFloats());
      bits.lanewise(VectorOperators.LSHR, 16)
          .convertShape(VectorOperators.I2S, S, 0)
          .reinterpretAsShorts()
          .intoMemorySegment(to, toAt + i * 2L, Lanes.LITTLE);
    }
    return sums.reduceLanes(VectorOperators.ADD);
  }

  /** {@code to = bf16(x)}; {@code toAt} in bytes. */
  public static void toBf16(float[] x, int at, int n, MemorySegment to, long toAt) {
    int i = 0;
    for (; i <= n - L; i += L) {
      IntVector bits = FloatVector.fromArray(F, x, at + i).reinterpretAsInts();
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      bits.add(0x7FFF)
          .add(odd)
          .lanewise(VectorOperators.LSHR, 16)
          .convertShape(VectorOperators.I2S, S, 0)
          .reinterpretAsShorts()
          .intoMemorySegment(to, toAt + i * 2L, Lanes.LITTLE);
    }
    for (; i < n; i++) {
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, toAt + i * 2L, Lanes.toBf16(x[at + i]));
    }
  }

  /** Index of the largest, the first of equals. */
  public static int argMax(float[] x, int at, int n) {
    float max = max(x, at, n);
    for (int i = 0; i < n; i++) if (x[at + i] == max) return i;
    return 0;
  }
}
