package io.otium.core.tensor;

import static io.otium.core.tensor.Near.assertNear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnGradientTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void theGradientsAreWhatTheAuthorSays() {
    Tensor a = Tensor.of(new double[] {1, 2}).requiresGrad(true);
    Tensor b = Tensor.of(new double[] {3}).requiresGrad(true);
    Tensor y =
        OwnGradient.apply(
            List.of(a, b), () -> a.mul(b), g -> List.of(g.mul(10), g.sum(true, 0).mul(100)));
    assertNear(y, 3, 6);
    y.mul(Tensor.of(new double[] {1, 5})).sum().backward();
    assertNear(a.grad(), 10, 50);
    assertNear(b.grad(), 600);
  }

  @Test
  void aGradientOfAnotherShapeIsRefused() {
    Tensor a = Tensor.ones(2).requiresGrad(true);
    Tensor y = OwnGradient.apply(List.of(a), () -> a.mul(1), g -> List.of(g.sum()));
    assertThatThrownBy(() -> y.sum().backward())
        .hasMessageContaining("an own gradient has the shape [] where [2] is needed");
  }

  @Test
  void withoutGradientsItIsPlain() {
    Tensor a = Tensor.ones(2).requiresGrad(true);
    Tensor y =
        Autograd.noGrad(() -> OwnGradient.apply(List.of(a), () -> a.mul(2), g -> List.of(g)));
    assertThat(y.requiresGrad()).isFalse();
  }

  @Test
  void aCheckpointedPartHasTheSameResultAndGradients() {
    Tensor w = new RandomStream(1).randn(8, 8).requiresGrad(true);
    for (boolean inputTrained : new boolean[] {true, false}) {
      float[][] results = new float[2][];
      for (boolean checkpointed : new boolean[] {false, true}) {
        var dropout = new RandomStream(4);
        Tensor x = new RandomStream(2).randn(3, 8).requiresGrad(inputTrained);
        UnaryOperator<Tensor> part =
            in -> Functional.dropout(Functional.linear(in, w, null).tanh(), 0.3, dropout);
        Tensor y = x;
        for (int i = 0; i < 3; i++) {
          y = checkpointed ? GradientCheckpoint.apply(part, y, dropout) : part.apply(y);
        }
        Tensor after = dropout.rand(1);
        y.square().sum().backward();
        Tensor all =
            Tensor.cat(
                List.of(
                    y.detach().flatten(),
                    w.grad().flatten(),
                    inputTrained ? x.grad().flatten() : after,
                    after),
                0);
        results[checkpointed ? 1 : 0] = all.add(0).toFloats(); // no negative zeros
        w.zeroGrad();
      }
      assertThat(results[1]).containsExactly(results[0]);
    }
  }

  @Test
  void aKeptResultsHooksOutliveTheScope() {
    Tensor w = Tensor.ones(2).requiresGrad(true);
    Tensor moved;
    Tensor free;
    try (var inner = new Scope()) {
      moved = inner.keep(GradientCheckpoint.apply(x -> x.mul(w), Tensor.ones(2), null));
    }
    try (var _ = new Scope()) {
      free = GradientCheckpoint.apply(x -> x.mul(w), Tensor.ones(2), null).keep();
    }
    moved.sum().backward();
    free.sum().backward();
    assertThat(w.grad().toFloats()).containsExactly(2, 2);
    free.close();
  }

  @Test
  void aCheckpointedPartIsCalculatedInTheSameTypeAgain() {
    Tensor w = new RandomStream(1).randn(4, 4).requiresGrad(true);
    Tensor x = new RandomStream(2).randn(3, 4);
    float[] plain;
    try (var _ = new Autocast(DType.BF16)) {
      UnaryOperator<Tensor> part = in -> Functional.linear(in, w, null);
      Tensor y = part.apply(x);
      plain = y.toFloats();
      Tensor again = GradientCheckpoint.apply(part, x, null);
      assertThat(again.dtype()).isEqualTo(DType.BF16);
      assertThat(again.toFloats()).containsExactly(plain);
      again.to(DType.F32).sum().backward();
    }
    assertThat(w.hasGrad()).isTrue();
  }
}
