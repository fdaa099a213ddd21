package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.F;
import static io.otium.lm.engine.kernel.Lanes.I;
import static io.otium.lm.engine.kernel.Lanes.L;
import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.S;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of bf16 in native memory, to floats and back (see {@link Elementwise#toBf16}), and in the
 * order that {@link io.otium.core.torch.Brgemm} takes its second operand. Addresses in bytes.
 */
public final class Halves {
  private Halves() {}

  /** {@code to[at ..] = from}. */
  public static void load(MemorySegment from, long fromAt, int n, float[] to, int at) {
    int i = 0;
    for (; i <= n - L; i += L) {
      ShortVector.fromMemorySegment(S, from, fromAt + i * 2L, LITTLE)
          .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0)
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(to, at + i);
    }
    for (; i < n; i++) {
      to[at + i] = Lanes.fromBf16(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, fromAt + i * 2L));
    }
  }

  /**
   * Two rows as one row of pairs: {@code to[i] = (a[i], b[i])}.
   *
   * @param n a multiple of 16
   */
  public static void pair(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int n, MemorySegment to, long toAt) {
    for (int i = 0; i < n; i += L) {
      IntVector low =
          (IntVector)
              ShortVector.fromMemorySegment(S, a, aAt + i * 2L, LITTLE)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
      IntVector high =
          (IntVector)
              ShortVector.fromMemorySegment(S, b, bAt + i * 2L, LITTLE)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
      low.or(high.lanewise(VectorOperators.LSHL, 16)).intoMemorySegment(to, toAt + i * 4L, LITTLE);
    }
  }

  /**
   * Transposes pairs: {@code to[p][r] = from[r][p]} for pairs {@code p} of columns.
   *
   * @param rows {@code [rows, columns]} of bf16, side by side
   * @param columns even
   * @param toStride pairs from one row of the result to the next
   */
  public static void transposePairs(
      MemorySegment from, int rows, int columns, MemorySegment to, int toStride) {
    int pairs = columns / 2;
    for (int r = 0; r < rows; r++) {
      long row = (long) r * columns * 2;
      for (int p = 0; p < pairs; p++) {
        int pair = from.get(ValueLayout.JAVA_INT_UNALIGNED, row + p * 4L);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, ((long) p * toStride + r) * 4, pair);
      }
    }
  }

  /** {@code to[c][r] = from[r][c]} of bf16, both side by side. */
  public static void transpose(MemorySegment from, int rows, int columns, MemorySegment to) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        short value = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, ((long) r * columns + c) * 2);
        to.set(ValueLayout.JAVA_SHORT_UNALIGNED, ((long) c * rows + r) * 2, value);
      }
    }
  }

  /** {@code Σ a·b} of two rows. */
  public static float dot(MemorySegment a, long aAt, MemorySegment b, long bAt, int n) {
    FloatVector sums = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector x =
          ShortVector.fromMemorySegment(S, a, aAt + i * 2L, LITTLE)
              .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0)
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      FloatVector y =
          ShortVector.fromMemorySegment(S, b, bAt + i * 2L, LITTLE)
              .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0)
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      sums = x.fma(y, sums);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      sum +=
          Lanes.fromBf16(a.get(ValueLayout.JAVA_SHORT_UNALIGNED, aAt + i * 2L))
              * Lanes.fromBf16(b.get(ValueLayout.JAVA_SHORT_UNALIGNED, bAt + i * 2L));
    }
    return sum;
  }
}
