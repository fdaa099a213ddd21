package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FiniteTest {
  private static boolean plain(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return true;
      }
    }
    return false;
  }

  @Property
  void findsNanAndInfinityWhereverTheyAre(
      @ForAll float[] values, @ForAll @IntRange(min = 0, max = 200) int at) {
    assertThat(Finite.hasNonFinite(StateType.F32, MemorySegment.ofArray(values)))
        .isEqualTo(plain(values));
    float[] many = new float[201];
    many[at] = Float.NEGATIVE_INFINITY;
    assertThat(Finite.hasNonFinite(StateType.F32, MemorySegment.ofArray(many))).isTrue();
    double[] wide = new double[201];
    assertThat(Finite.hasNonFinite(StateType.F64, MemorySegment.ofArray(wide))).isFalse();
    wide[at] = Double.NaN;
    assertThat(Finite.hasNonFinite(StateType.F64, MemorySegment.ofArray(wide))).isTrue();
    short[] half = new short[201];
    half[at] = Float.floatToFloat16(Float.NaN);
    assertThat(Finite.hasNonFinite(StateType.F16, MemorySegment.ofArray(half))).isTrue();
    half[at] = Float.floatToFloat16(65504f);
    assertThat(Finite.hasNonFinite(StateType.F16, MemorySegment.ofArray(half))).isFalse();
    half[at] = (short) (Float.floatToIntBits(-Float.MAX_VALUE) >>> 16);
    assertThat(Finite.hasNonFinite(StateType.BF16, MemorySegment.ofArray(half))).isFalse();
    half[at] = (short) (Float.floatToIntBits(Float.NaN) >>> 16);
    assertThat(Finite.hasNonFinite(StateType.BF16, MemorySegment.ofArray(half))).isTrue();
    assertThat(Finite.hasNonFinite(StateType.I16, MemorySegment.ofArray(half))).isFalse();
  }
}
