package io.otium.core.tensor;

import static io.otium.core.tensor.Near.assertNear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** {@code [2, 3]}: −2, −1.2, … 2. */
  private static Tensor x() {
    return Tensor.of(new double[] {-2, -1.2, -0.4, 0.4, 1.2, 2}, 2, 3);
  }

  @Test
  void factoriesGiveTheNamedShapeTypeAndValues() {
    assertThat(Tensor.zeros(2, 3).shape()).containsExactly(2, 3);
    assertThat(Tensor.ones(DType.BF16, 2).dtype()).isEqualTo(DType.BF16);
    assertThat(Tensor.full(1.5, DType.F64, 2).toDoubles()).containsExactly(1.5, 1.5);
    assertThat(Tensor.arange(4).toLongs()).containsExactly(0, 1, 2, 3);
    assertThat(Tensor.arange(0, 1, 0.25, DType.F32).toFloats())
        .containsExactly(0, 0.25f, 0.5f, 0.75f);
    assertThat(Tensor.eye(2).toFloats()).containsExactly(1, 0, 0, 1);
    assertThat(Tensor.scalar(3).dim()).isZero();
    assertThat(Tensor.of(new long[] {1, 2}).dtype()).isEqualTo(DType.I64);
    assertThat(Tensor.of(new boolean[] {true, false}).toBooleans()).containsExactly(true, false);
    assertThat(Tensor.of(new float[0], 0, 3).shape()).containsExactly(0, 3);
    assertThat(Tensor.linspace(0, 1, 3).toFloats()).containsExactly(0, 0.5f, 1);
  }

  @Test
  void everyTypeGoesInAndOut() {
    for (DType type : DType.values()) {
      Tensor tensor = Tensor.of(new float[] {0, 1}).to(type);
      assertThat(tensor.dtype()).isEqualTo(type);
      assertThat(tensor.segment().byteSize()).isEqualTo(2L * type.bytes());
      assertThat(tensor.toFloats()).containsExactly(0, 1);
    }
  }

  @Test
  void pointwiseFunctionsAreAsInPyTorch() {
    assertNear(x().exp(), 0.1353353, 0.3011942, 0.6703201, 1.491825, 3.320117, 7.389056);
    assertNear(x().tanh(), -0.9640276, -0.8336546, -0.3799489, 0.3799489, 0.8336546, 0.9640276);
    assertNear(x().sigmoid(), 0.1192029, 0.2314752, 0.4013123, 0.5986877, 0.7685248, 0.8807971);
    assertNear(x().relu(), 0, 0, 0, 0.4, 1.2, 2);
    assertNear(x().gelu(), -0.04550026, -0.1380836, -0.1378313, 0.2621687, 1.061916, 1.9545);
    assertNear(x().geluTanh(), -0.04540231, -0.1382972, -0.1378388, 0.2621612, 1.061703, 1.954598);
    assertNear(x().silu(), -0.2384058, -0.2777703, -0.1605249, 0.239475, 0.9222298, 1.761594);
    assertNear(x().softplus(), 0.126928, 0.2632825, 0.5130153, 0.9130152, 1.463283, 2.126928);
    assertNear(x().erf(), -0.9953223, -0.910314, -0.4283923, 0.4283923, 0.910314, 0.9953223);
    assertNear(x().sign(), -1, -1, -1, 1, 1, 1);
    assertNear(x().softmax(1), 0.1222707, 0.2721185, 0.6056108, 0.1222707, 0.2721185, 0.6056108);
    assertNear(x().logsumexp(1), 0.1015177, 2.501518);
    assertNear(x().std(1, false, 1), 0.8, 0.8);
    assertNear(x().norm(), 3.34664);
    assertNear(x().clamp(-1, 1), -1, -1, -0.4, 0.4, 1, 1);
  }

  @Test
  void wholeNumbersLeaveIntegersIntegers() {
    Tensor ids = Tensor.of(new long[] {1, 2, 3});
    assertThat(ids.add(1).dtype()).isEqualTo(DType.I64);
    assertThat(ids.mul(0.5).dtype()).isEqualTo(DType.F32);
    assertThat(ids.remainder(2).toLongs()).containsExactly(1, 0, 1);
    assertThat(ids.div(2).toFloats()).containsExactly(0.5f, 1, 1.5f);
    assertThat(ids.floorDivide(2).toLongs()).containsExactly(0, 1, 1);
  }

  @Test
  void inPlaceFormsChangeAndReturnTheSameTensor() {
    Tensor t = Tensor.of(new float[] {1, 2});
    assertThat(t.addInPlace(1).mulInPlace(Tensor.of(new float[] {2, 3}))).isSameAs(t);
    assertThat(t.toFloats()).containsExactly(4, 9);
    t.addInPlace(Tensor.ones(2), -4).subInPlace(Tensor.ones(2)).divInPlace(2);
    assertThat(t.toFloats()).containsExactly(-0.5f, 2);
    assertThat(t.lerpInPlace(Tensor.zeros(2), 0.5).toFloats()).containsExactly(-0.25f, 1);
    assertThat(t.copyFrom(Tensor.scalar(7)).toFloats()).containsExactly(7, 7);
    assertThat(t.zeroInPlace().toFloats()).containsExactly(0, 0);
  }

  @Test
  void shapingKeepsTheElements() {
    Tensor t = Tensor.arange(6).reshape(2, -1);
    assertThat(t.t().toLongs()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(t.t().isContiguous()).isFalse();
    assertThat(t.t().contiguous().isContiguous()).isTrue();
    assertThat(t.unsqueeze(1).shape()).containsExactly(2, 1, 3);
    assertThat(t.unsqueeze(0).expand(4, -1, -1).shape()).containsExactly(4, 2, 3);
    assertThat(t.repeat(2, 1).shape()).containsExactly(4, 3);
    assertThat(t.repeatInterleave(2, 1).select(0, 0).toLongs()).containsExactly(0, 0, 1, 1, 2, 2);
    assertThat(t.permute(1, 0).shape()).containsExactly(3, 2);
    assertThat(Tensor.cat(t.split(2, 1), 1).sameAs(t)).isTrue();
    assertThat(Tensor.stack(t.unbind(0), 0).sameAs(t)).isTrue();
    assertThat(t.chunk(3, 1)).hasSize(3);
    assertThat(t.flip(1).toLongs()).containsExactly(2, 1, 0, 5, 4, 3);
    assertThat(t.roll(1, 1).toLongs()).containsExactly(2, 0, 1, 5, 3, 4);
    assertThat(t.tril(0).toLongs()).containsExactly(0, 0, 0, 3, 4, 0);
  }

  @Test
  void indexingFindsAndWrites() {
    Tensor t = Tensor.arange(6).reshape(2, 3);
    Tensor picks = Tensor.of(new long[] {2, 0}, 2, 1);
    assertThat(t.gather(1, picks).toLongs()).containsExactly(2, 3);
    assertThat(t.select(1, -1).toLongs()).containsExactly(2, 5);
    assertThat(t.narrow(1, 1, 2).toLongs()).containsExactly(1, 2, 4, 5);
    assertThat(t.slice(1, 0, Long.MAX_VALUE, 2).toLongs()).containsExactly(0, 2, 3, 5);
    assertThat(t.indexSelect(1, Tensor.of(new long[] {1, 1})).toLongs())
        .containsExactly(1, 1, 4, 4);
    assertThat(t.index(Tensor.of(new long[] {0, 1}), Tensor.of(new long[] {2, 1})).toLongs())
        .containsExactly(2, 4);
    assertThat(t.maskedFill(t.gt(3), -1).toLongs()).containsExactly(0, 1, 2, 3, -1, -1);
    assertThat(t.maskedSelect(t.lt(2)).toLongs()).containsExactly(0, 1);
    assertThat(t.scatter(1, picks, 9).toLongs()).containsExactly(0, 1, 9, 9, 4, 5);
    assertThat(t.gt(2).where(t, t.neg()).toLongs()).containsExactly(0, -1, -2, 3, 4, 5);
    assertThat(t.indexAdd(1, Tensor.of(new long[] {0}), Tensor.ones(DType.I64, 2, 1)).toLongs())
        .containsExactly(1, 1, 2, 4, 4, 5);
    Tensor written = t.copy();
    written.indexPutInPlace(Tensor.full(7, DType.I64), Tensor.of(new long[] {1}));
    assertThat(written.toLongs()).containsExactly(0, 1, 2, 7, 7, 7);
    assertThat(t.eq(4).nonzero().toLongs()).containsExactly(1, 1);
  }

  @Test
  void reductionsGiveValuesAndPlaces() {
    Tensor t = Tensor.of(new float[] {3, 1, 2, 4, 6, 5}, 2, 3);
    assertThat(t.max(1).values().toFloats()).containsExactly(3, 6);
    assertThat(t.max(1).indices().toLongs()).containsExactly(0, 1);
    assertThat(t.argmin(1).toLongs()).containsExactly(1, 0);
    assertThat(t.topk(2, 1).values().toFloats()).containsExactly(3, 2, 6, 5);
    assertThat(t.sort(1, false).indices().toLongs()).containsExactly(1, 2, 0, 0, 2, 1);
    assertThat(t.cumsum(1).toFloats()).containsExactly(3, 4, 6, 4, 10, 15);
    assertThat(t.sum(0).toFloats()).containsExactly(7, 7, 7);
    assertThat(t.mean(true, 1).shape()).containsExactly(2, 1);
    assertThat(t.sum().item()).isEqualTo(21);
    assertThat(t.gt(5).any().item()).isEqualTo(1);
    assertThat(t.norm(1, false, 1).toFloats()).containsExactly(6, 15);
    assertThat(Tensor.of(new long[] {0, 2, 2}).bincount(4).toLongs()).containsExactly(1, 0, 2, 0);
  }

  @Test
  void aTensorOverMemoryWritesWhereItReads() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4);
      Tensor t = Tensor.over(memory, DType.F32, 2, 2);
      t.mulInPlace(2);
      assertThat(memory.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(2, 4, 6, 8);
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, 0, 5);
      assertThat(t.toFloats()).containsExactly(5, 4, 6, 8);
      assertThat(t.segment().address()).isEqualTo(memory.address());
      assertThatThrownBy(() -> Tensor.over(memory, DType.F32, 3, 2))
          .hasMessageContaining("F32 [3, 2] needs 24 aligned bytes");
      assertThatThrownBy(() -> Tensor.over(memory.asSlice(1), DType.F32, 1))
          .hasMessageContaining("aligned");
      assertThatThrownBy(() -> Tensor.over(MemorySegment.ofArray(new float[4]), DType.F32, 4))
          .hasMessageContaining("native memory");
    }
  }

  @Test
  void aMessageNamesTheOperatorAndTheShapesInOneLine() {
    Tensor a = Tensor.ones(2, 3);
    assertThatThrownBy(() -> a.matmul(Tensor.ones(2, 3)))
        .isInstanceOf(TensorException.class)
        .hasMessage(
            "matmul of [2, 3] and [2, 3]: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
    assertThatThrownBy(() -> a.add(Tensor.ones(2, 4)))
        .hasMessageStartingWith("add of [2, 3] and [2, 4]: ")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> Functional.linear(a, Tensor.ones(4, 2), Tensor.ones(4)))
        .hasMessageStartingWith("linear of [2, 3] and [4, 2] and [4]: ");
    assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2))
        .hasMessage("3 values do not fill the shape [2, 2]");
    assertThatThrownBy(() -> a.size(2)).hasMessageContaining("size(2) of [2, 3]");
    assertThatThrownBy(() -> Tensor.cat(List.of(), 0)).hasMessage("cat needs at least one tensor");
    assertThatThrownBy(() -> a.t().segment()).hasMessageContaining("not in order");
    assertThatThrownBy(() -> Shapes.require("the mask", a, 2, Shapes.ANY, 4))
        .hasMessage("the mask has the shape [2, 3] where [2, *, 4] is needed");
  }

  @Test
  void whatWouldReachOutsideATensorIsRefused() {
    Tensor table = Tensor.ones(3, 2);
    Tensor outside = Tensor.of(new long[] {3});
    assertThatThrownBy(() -> Functional.embedding(outside, table))
        .isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> table.indexSelect(0, outside)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> table.gather(0, Tensor.of(new long[] {3, 0}, 1, 2)))
        .isInstanceOf(TensorException.class);
    assertThatThrownBy(
            () -> table.scatterAdd(0, Tensor.of(new long[] {-9, 0}, 1, 2), Tensor.ones(1, 2)))
        .isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> table.index(outside)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> table.select(0, 3)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> table.narrow(0, 2, 2)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Losses.crossEntropy(table, Tensor.of(new long[] {0, 1, 2})))
        .isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Functional.oneHot(outside, 2)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Tensor.zeros(-1)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> table.item()).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Tensor.of(new long[] {1}).floorDivide(0))
        .isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Tensor.of(new long[] {1}).remainder(0))
        .isInstanceOf(TensorException.class);
  }

  @Test
  void aClosedTensorSaysSo() {
    Tensor t = Tensor.ones(2);
    t.close();
    t.close();
    assertThat(t.isClosed()).isTrue();
    assertThat(t).hasToString("Tensor(closed)");
    assertThatThrownBy(() -> t.add(1)).hasMessageContaining("add: a tensor was closed");
    assertThatThrownBy(() -> Tensor.ones(2).add(t))
        .hasMessageContaining("add: a tensor was closed");
  }
}
