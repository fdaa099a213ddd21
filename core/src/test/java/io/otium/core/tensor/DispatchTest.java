package io.otium.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DispatchTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static final Tensor X = Tensor.of(new float[] {3, 6}).keep();

  @Test
  void callsOperatorsWithArgumentsOfEveryKind() {
    assertThat(Tensor.call("aten::hypot", X, Tensor.of(new float[] {4, 8})).toFloats())
        .containsExactly(5, 10);
    assertThat(Tensor.call("aten::add.Tensor", X, X, 2).toFloats()).containsExactly(9, 18);
    assertThat(Tensor.call("aten::add.Tensor", X, X).toFloats()).containsExactly(6, 12);
    assertThat(Tensor.call("aten::clamp", X, null, 4.0).toFloats()).containsExactly(3, 4);
    assertThat(Tensor.call("aten::sum.dim_IntList", X, new long[] {0}, true, DType.F64).dtype())
        .isEqualTo(DType.F64);
    assertThat(Tensor.call("aten::cat", List.of(X, X), 0).toFloats()).containsExactly(3, 6, 3, 6);
    assertThat(Tensor.call("aten::div.Tensor_mode", X, Tensor.scalar(4), "floor").toFloats())
        .containsExactly(0, 1);
    assertThat(Tensor.call("aten::bernoulli", X.mul(0), new RandomStream(1)).toFloats())
        .containsExactly(0, 0);
    assertThat(Dispatch.call("aten::split.Tensor", X, 1)).first().asInstanceOf(LIST).hasSize(2);
    assertThat(Dispatch.call("aten::is_same_size", X, X)).containsExactly(true);
    assertThat(
            Tensor.call("aten::index.Tensor", X, Arrays.asList(Tensor.of(new long[] {1})))
                .toFloats())
        .containsExactly(6);
  }

  @Test
  void gradientsPassThroughIt() {
    Tensor x = Tensor.of(new float[] {3}).requiresGrad(true);
    Tensor.call("aten::square", x).backward();
    assertThat(x.grad().toFloats()).containsExactly(6);
  }

  @Test
  void resultsEndWithTheirScopeLikeAnyOther() {
    Tensor result;
    try (var inner = new Scope()) {
      result = Tensor.call("aten::neg", X);
      assertThat(inner.size()).isEqualTo(1);
    }
    assertThat(result.isClosed()).isTrue();
  }

  @Test
  void wrongArgumentsAreRefusedInASentence() {
    assertThatThrownBy(() -> Tensor.call("aten::nonsense", X))
        .hasMessage("there is no operator aten::nonsense; names are as aten::add.Tensor");
    assertThatThrownBy(() -> Tensor.call("aten::hypot", X, "far"))
        .hasMessage("aten::hypot takes as other a Tensor, not String");
    assertThatThrownBy(() -> Tensor.call("aten::hypot", X, null))
        .hasMessage("aten::hypot takes as other a Tensor, not null");
    assertThatThrownBy(() -> Tensor.call("aten::hypot", X))
        .hasMessage("aten::hypot needs the argument other");
    assertThatThrownBy(() -> Tensor.call("aten::hypot", X, X, X))
        .hasMessage("aten::hypot takes 2 arguments, not 3");
    assertThatThrownBy(() -> Tensor.call("aten::sum.dim_IntList", X, 1.5))
        .hasMessageStartingWith("aten::sum.dim_IntList takes as dim a ");
    assertThatThrownBy(() -> Tensor.call("aten::hypot", X, Tensor.ones(3)))
        .hasMessageStartingWith("aten::hypot of [2] and [3]: The size of tensor");
    assertThatThrownBy(() -> Tensor.call("aten::is_same_size", X, X))
        .hasMessage("aten::is_same_size gives no tensor; use Dispatch.call");
  }
}
