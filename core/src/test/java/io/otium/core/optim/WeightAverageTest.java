package io.otium.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WeightAverageTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor at(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  @Test
  void theAverageFollowsTheWeights() {
    Tensor w = Tensor.of(new float[] {1, 2}).requiresGrad(true);
    Tensor half = Tensor.ones(DType.BF16, 1);
    try (var average = new WeightAverage(Map.of("w", w, "half", half), 0.75)) {
      w.detach().copyFrom(Tensor.of(new float[] {5, -2}));
      half.fillInPlace(3);
      average.update();
      assertThat(at(average.averages(), "w").toFloats()).containsExactly(2, 1);
      assertThat(at(average.averages(), "half").toFloats()).containsExactly(1.5f);
      assertThat(at(average.averages(), "half").dtype()).isEqualTo(DType.F32);
      average.swap();
      assertThat(w.toFloats()).containsExactly(2, 1);
      assertThat(at(average.averages(), "w").toFloats()).containsExactly(5, -2);
      average.swap();
      assertThat(w.toFloats()).containsExactly(5, -2);
    }
  }

  @Test
  void aSavedAverageIsRestored() {
    Tensor w = Tensor.of(new float[] {1, 2});
    try (var average = new WeightAverage(Map.of("w", w), 0.5)) {
      average.restore(Map.of("w", Tensor.of(new float[] {7, 8})));
      assertThat(at(average.averages(), "w").toFloats()).containsExactly(7, 8);
      assertThatThrownBy(() -> average.restore(Map.of("v", w)))
          .hasMessage("the saved average is of other weights than these");
      assertThatThrownBy(() -> average.restore(Map.of("w", Tensor.ones(3))))
          .hasMessage("the saved average of w has the shape [3] where [2] is needed");
    }
    assertThatThrownBy(() -> new WeightAverage(Map.of(), 1))
        .hasMessage("an average of weights has a decay from 0 to below 1, not 1.0");
  }

  @Test
  void aLinearLayersPerSampleGradientsNeedNoPassOfTheirOwn() {
    var random = new RandomStream(1);
    Tensor weight = random.randn(3, 5).requiresGrad(true);
    Tensor input = random.randn(4, 2, 5);
    List<Tensor> expected =
        PerSampleGradients.of(
            4, i -> input.select(0, i).matmul(weight.t()).square().sum(), List.of(weight));
    Tensor[] arrived = new Tensor[1];
    Tensor output = input.matmul(weight.t());
    output.onGradient(
        g -> {
          arrived[0] = g;
          return g;
        });
    output.square().sum().backward();
    Tensor each = PerSampleGradients.linear(input, arrived[0]);
    assertThat(each.allClose(expected.getFirst(), 1e-4, 1e-4)).isTrue();
    assertThat(each.sum(0).allClose(weight.grad(), 1e-4, 1e-4)).isTrue();
    Tensor norms = PerSampleGradients.linearSquaredNorms(input, arrived[0]);
    assertThat(norms.allClose(each.square().sum(1, 2), 1e-4, 1e-4)).isTrue();
    assertThat(PerSampleGradients.linear(input.select(1, 0), Tensor.ones(4, 3)).shape())
        .containsExactly(4, 3, 5);
  }
}
