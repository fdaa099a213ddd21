package io.otium.core.tensor;

import static io.otium.core.tensor.Near.assertNear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutogradTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor leaf(double... values) {
    return Tensor.of(values).requiresGrad(true);
  }

  @Test
  void backwardLeavesPyTorchsGradient() {
    Tensor x = leaf(-2, -1.2, -0.4, 0.4, 1.2, 2);
    Losses.crossEntropy(x.reshape(2, 3).exp(), Tensor.of(new long[] {2, 0})).backward();
    assertNear(x.grad(), 0.017405, 0.04572367, -0.1879674, -0.7439031, 0.02782739, 3.622646);
  }

  @Test
  void gradientsAddUpUntilTheyAreZeroed() {
    Tensor x = leaf(3);
    assertThat(x.hasGrad()).isFalse();
    x.square().sum().backward();
    x.square().sum().backward();
    assertNear(x.grad(), 12);
    x.zeroGrad();
    assertThatThrownBy(x::grad).hasMessage("no gradient has reached this tensor of [1]");
    assertThat(x.hasGrad()).isFalse();
    x.grad(Tensor.of(new double[] {5}));
    x.square().sum().backward();
    assertNear(x.grad(), 11);
    assertThatThrownBy(() -> x.grad(Tensor.of(new double[] {1, 2})))
        .hasMessage("the gradient has the shape [2] where [1] is needed");
  }

  @Test
  void gradGivesSecondDerivatives() {
    Tensor x = leaf(2);
    Tensor y = x.pow(3).sum();
    Tensor first = Autograd.grad(List.of(y), List.of(x), List.of(), true).getFirst();
    assertNear(first, 12);
    assertNear(Autograd.grad(first.sum(), List.of(x)).getFirst(), 12);
    assertThat(x.hasGrad()).isFalse();
  }

  @Test
  void backwardTakesAGradientOfTheOutputsShape() {
    Tensor x = leaf(1, 2);
    x.mul(3).backward(Tensor.of(new double[] {1, 10}));
    assertNear(x.grad(), 3, 30);
    assertThatThrownBy(() -> leaf(1, 2).mul(3).backward())
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith("backward of [2]: ");
  }

  @Test
  void nothingIsRecordedWithoutGradients() {
    Tensor x = leaf(1);
    assertThat(Autograd.noGrad(() -> x.mul(2)).requiresGrad()).isFalse();
    assertThat(x.mul(2).requiresGrad()).isTrue();
    assertThat(x.mul(2).detach().requiresGrad()).isFalse();
  }

  @Test
  void aHookReplacesTheGradientThatPasses() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(1);
    y.onGradient(g -> g.mul(10));
    y.sum().backward();
    assertNear(x.grad(), 10, 10);
  }

  @Test
  void whatAHookThrowsComesOutOfBackward() {
    Tensor y = leaf(1).mul(1);
    y.onGradient(
        g -> {
          throw new IllegalStateException("no further");
        });
    assertThatThrownBy(() -> y.sum().backward()).hasMessageContaining("no further");
  }

  @Test
  void autocastMultipliesInBf16AndEndsWithItsBlock() {
    Tensor a = Tensor.ones(2, 2);
    try (var _ = new Autocast(DType.BF16)) {
      assertThat(a.matmul(a).dtype()).isEqualTo(DType.BF16);
      try (var _ = new Autocast(DType.F16)) {
        assertThat(a.matmul(a).dtype()).isEqualTo(DType.F16);
      }
      assertThat(a.matmul(a).dtype()).isEqualTo(DType.BF16);
    }
    assertThat(a.matmul(a).dtype()).isEqualTo(DType.F32);
    assertThatThrownBy(() -> new Autocast(DType.I8)).hasMessageContaining("BF16 or F16");
  }

  @Test
  void threadsAreRestored() {
    int before = Threads.current();
    try (var _ = new Threads(2)) {
      assertThat(Threads.current()).isEqualTo(2);
    }
    assertThat(Threads.current()).isEqualTo(before);
  }
}
