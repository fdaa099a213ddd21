package io.otium.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.options.OptionException;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  private static final AdamW ADAMW = new AdamW(0.01, 0.9, 0.95, 1e-8, 0.1);
  private static final long[][] SHAPES = {{2, 3}, {3}};
  private static final long[][] MATRICES = {{2, 3}, {4, 2}};

  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor weight(int k, long... shape) {
    return numbers(i -> Math.cos(i + k), shape);
  }

  private static Tensor gradient(int k, int step, long... shape) {
    return numbers(i -> (1 + k) * Math.sin(0.7 * step + i + k), shape);
  }

  private static Tensor numbers(IntToDoubleFunction f, long... shape) {
    int numel = Math.toIntExact(Shapes.numel(shape));
    float[] values = new float[numel];
    for (int i = 0; i < numel; i++) values[i] = (float) f.applyAsDouble(i);
    return Tensor.of(values, shape);
  }

  private static Map<String, Tensor> weights(DType type, long[][] shapes) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (int k = 0; k < shapes.length; k++) {
      weights.put("p" + k, weight(k, shapes[k]).to(type).requiresGrad(true));
    }
    return weights;
  }

  private static void step(Optimizer optimizer, int step) {
    int k = 0;
    for (Tensor weight : optimizer.parameters().values()) {
      weight.grad(gradient(k++, step, weight.shape()).to(weight.dtype()));
    }
    optimizer.step();
  }

  private static double[] elements(Optimizer optimizer) {
    return optimizer.parameters().values().stream()
        .flatMapToDouble(weight -> Arrays.stream(weight.toDoubles()))
        .toArray();
  }

  private static void goesLike(
      String numbers, double tolerance, UpdateRule rule, DType type, long[][] shapes) {
    try (var optimizer = Optimizer.of(rule, weights(type, shapes))) {
      List<String> lines = numbers.lines().toList();
      assertThat(lines).hasSize(10);
      for (int t = 1; t <= 10; t++) {
        step(optimizer, t);
        double[] expected =
            Arrays.stream(lines.get(t - 1).split(" ")).mapToDouble(Double::parseDouble).toArray();
        double[] actual = elements(optimizer);
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < actual.length; i++) {
          assertThat(actual[i])
              .as("element %d after step %d", i, t)
              .isCloseTo(expected[i], within(tolerance));
        }
      }
    }
  }

  private static Map<String, Object> steps(Optimizer optimizer) {
    Map<String, Object> steps = new LinkedHashMap<>();
    if (optimizer.state().get("parameters") instanceof Map<?, ?> parameters) {
      parameters.forEach(
          (name, saved) -> {
            if (saved instanceof Map<?, ?> map && map.get("step") instanceof Long step) {
              steps.put(String.valueOf(name), step);
            }
          });
    }
    return steps;
  }

  private static Tensor at(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  @Test
  void tenStepsGoAsInPyTorch() {
    goesLike(PyTorchNumbers.ADAMW, 1e-6, ADAMW, DType.F32, SHAPES);
    goesLike(PyTorchNumbers.ADAM, 1e-6, new Adam(0.01, 0.9, 0.999, 1e-8, 0.1), DType.F32, SHAPES);
    goesLike(PyTorchNumbers.SGD, 1e-6, new Sgd(0.1, 0, false, 0), DType.F32, SHAPES);
    goesLike(PyTorchNumbers.SGD_MOMENTUM, 1e-6, new Sgd(0.1, 0.9, false, 0.01), DType.F32, SHAPES);
    goesLike(PyTorchNumbers.SGD_NESTEROV, 1e-6, new Sgd(0.1, 0.9, true, 0.01), DType.F32, SHAPES);
  }

  @Test
  void adafactorGoesAsInPyTorch() {
    goesLike(
        PyTorchNumbers.ADAFACTOR,
        1e-6,
        new Adafactor(0.01, -0.8, null, 1e-3, 1, 0.01),
        DType.F32,
        SHAPES);
    goesLike(
        PyTorchNumbers.ADAFACTOR_EPS,
        2e-6,
        new Adafactor(0.3, -0.5, 1e-3, 1e-3, 1, 0),
        DType.F32,
        SHAPES);
  }

  @Test
  void muonGoesAsInPyTorch() {
    Muon muon = new Muon(0.02, 0.95, true, 5, Muon.Scale.ORIGINAL, 0.1, false);
    goesLike(PyTorchNumbers.MUON_F32, 5e-6, muon, DType.F32, MATRICES);
    goesLike(
        PyTorchNumbers.MUON_PLAIN_F32,
        5e-6,
        new Muon(0.02, 0.95, false, 5, Muon.Scale.MATCH_RMS_ADAMW, 0.1, false),
        DType.F32,
        MATRICES);
    // BF16 has eight bits; two builds of libtorch round sums differently.
    goesLike(
        PyTorchNumbers.MUON,
        2e-3,
        new Muon(0.02, 0.95, true, 5, Muon.Scale.ORIGINAL, 0.1, true),
        DType.F32,
        MATRICES);
  }

  @Test
  void weightsOfHalfPrecisionAreTheRoundingOfTheirMaster() {
    goesLike(PyTorchNumbers.ADAMW_MASTER, 1e-7, ADAMW, DType.BF16, SHAPES);
  }

  @Test
  void theFusedOperatorIsItsComposedTwin() {
    Map<String, Tensor> fused = weights(DType.F64, SHAPES);
    Tensor twin = at(weights(DType.F64, SHAPES), "p0").detach();
    Tensor mean = Tensor.zeros(DType.F64, 2, 3);
    Tensor squares = Tensor.zeros(DType.F64, 2, 3);
    try (var optimizer = Optimizer.of(ADAMW, fused)) {
      for (int t = 1; t <= 10; t++) {
        step(optimizer, t);
        Tensor g = gradient(0, t, 2, 3).to(DType.F64);
        twin.mulInPlace(1 - 0.01 * 0.1);
        mean.mulInPlace(0.9).addInPlace(g, 1 - 0.9);
        squares.mulInPlace(0.95).addcmulInPlace(g, g, 1 - 0.95);
        Tensor root = squares.div(1 - Math.pow(0.95, t)).sqrt().add(1e-8);
        twin.addcdivInPlace(mean, root, -0.01 / (1 - Math.pow(0.9, t)));
        assertThat(at(fused, "p0").detach().allClose(twin, 1e-12, 1e-12)).isTrue();
      }
    }
  }

  @Test
  void aRestoredOptimizerGoesTheSameWayToTheBit() {
    List<UpdateRule> rules =
        List.of(
            ADAMW,
            new Adam(0.01, 0.9, 0.999, 1e-8, 0.1),
            new Sgd(0.1, 0.9, true, 0.01),
            Adafactor.DEFAULTS);
    for (UpdateRule rule : rules) {
      for (DType type : List.of(DType.F32, DType.BF16)) {
        try (var first = Optimizer.of(rule, weights(type, SHAPES));
            var second = Optimizer.of(rule, weights(type, SHAPES))) {
          IntStream.rangeClosed(1, 5).forEach(t -> step(first, t));
          second.restore(first.state());
          second
              .parameters()
              .forEach(
                  (name, weight) ->
                      weight.detach().copyFrom(at(first.parameters(), name).detach()));
          IntStream.rangeClosed(6, 10).forEach(t -> step(first, t));
          IntStream.rangeClosed(6, 10).forEach(t -> step(second, t));
          assertThat(elements(second)).as("%s %s", rule, type).containsExactly(elements(first));
          assertThat(second.steps()).isEqualTo(10);
        }
      }
    }
  }

  @Test
  void aStateOfAnotherOptimizerIsRefused() {
    try (var optimizer = Optimizer.of(ADAMW, weights(DType.F32, SHAPES));
        var other = Optimizer.of(new Sgd(0.1, 0.9, false, 0), weights(DType.F32, SHAPES));
        var smaller = Optimizer.of(ADAMW, weights(DType.F32, new long[][] {{2, 3}}));
        var turned = Optimizer.of(ADAMW, weights(DType.F32, new long[][] {{3, 2}, {3}}))) {
      assertThatThrownBy(() -> optimizer.restore(Map.of()))
          .hasMessage("an optimizer's saved state holds steps and parameters, not []");
      assertThatThrownBy(() -> optimizer.restore(other.state()))
          .hasMessageStartingWith("the saved state of p0 holds [step, momentum_buffer] where");
      assertThatThrownBy(() -> smaller.restore(optimizer.state()))
          .hasMessage("the saved state has the parameter p1, which this optimizer has not");
      assertThatThrownBy(() -> optimizer.restore(smaller.state()))
          .hasMessage("the saved state lacks the parameter p1");
      assertThatThrownBy(() -> optimizer.restore(turned.state()))
          .hasMessageContaining("of p0 has the shape [3, 2] where [2, 3] is needed");
    }
  }

  @Test
  void aParameterWithoutGradientIsSkipped() {
    Map<String, Tensor> weights = weights(DType.F32, SHAPES);
    try (var optimizer = Optimizer.of(ADAMW, weights)) {
      at(weights, "p1").grad(gradient(1, 1, 3));
      optimizer.step();
      assertThat(at(weights, "p0").toFloats()).containsExactly(weight(0, 2, 3).toFloats());
      assertThat(at(weights, "p1").toFloats()).isNotEqualTo(weight(1, 3).toFloats());
      assertThat(steps(optimizer)).isEqualTo(Map.of("p0", 0L, "p1", 1L));
      optimizer.zeroGrad();
      assertThat(at(weights, "p1").hasGrad()).isFalse();
      optimizer.step();
      assertThat(optimizer.steps()).isEqualTo(2);
    }
  }

  @Test
  void aFrozenParameterHasNoStateUntilAGradientReachesIt() {
    Map<String, Tensor> weights = weights(DType.F32, SHAPES);
    at(weights, "p0").requiresGrad(false);
    try (var optimizer = Optimizer.of(ADAMW, weights)) {
      assertThat(steps(optimizer)).isEqualTo(Map.of("p1", 0L));
      at(weights, "p0").requiresGrad(true);
      step(optimizer, 1);
      assertThat(steps(optimizer)).isEqualTo(Map.of("p0", 1L, "p1", 1L));
    }
  }

  @Test
  void groupsHaveTheirOwnRateAndDecay() {
    Map<String, Tensor> weights = weights(DType.F64, new long[][] {{2, 2}, {2}});
    Sgd sgd = new Sgd(0.1, 0, false, 0.5);
    List<ParameterGroup> groups = new ArrayList<>(ParameterGroup.decayingMatrices(sgd, weights));
    groups.set(1, groups.get(1).withLrScale(2));
    try (var optimizer = new Optimizer(groups, true)) {
      double matrix = at(weights, "p0").toDoubles()[1];
      double vector = at(weights, "p1").toDoubles()[1];
      at(weights, "p0").grad(Tensor.ones(DType.F64, 2, 2));
      at(weights, "p1").grad(Tensor.ones(DType.F64, 2));
      optimizer.step(0.5);
      assertThat(at(weights, "p0").toDoubles()[1])
          .isCloseTo(matrix - 0.05 * (1 + 0.5 * matrix), within(1e-12));
      assertThat(at(weights, "p1").toDoubles()[1]).isCloseTo(vector - 0.1, within(1e-12));
    }
  }

  @Test
  void gradientsAreClippedByTheirNormAsOneVector() {
    try (var optimizer = Optimizer.of(ADAMW, weights(DType.F32, SHAPES))) {
      assertThat(optimizer.clipGradients(1)).isZero();
      step(optimizer, 1);
      assertThat(Gradients.norm(optimizer.parameters().values(), 1))
          .isCloseTo(numbersL1(), within(1e-5));
      assertThat(optimizer.clipGradients(1.5)).isCloseTo(2.9919913, within(1e-6));
      assertThat(at(optimizer.parameters(), "p0").grad().toDoubles()[1])
          .isCloseTo(0.4971595, within(1e-6));
      assertThat(at(optimizer.parameters(), "p1").grad().toDoubles()[2])
          .isCloseTo(-0.5312542, within(1e-6));
      double clipped = optimizer.clipGradients(1.6);
      assertThat(clipped).isCloseTo(1.5, within(1e-5));
      assertThat(optimizer.clipGradients(1.6)).isEqualTo(clipped);
      assertThatThrownBy(() -> optimizer.clipGradients(0))
          .hasMessage("gradients are clipped to a norm above 0, not to 0.0");
    }
  }

  private static double numbersL1() {
    double sum = 0;
    for (float g : gradient(0, 1, 2, 3).toFloats()) sum += Math.abs(g);
    for (float g : gradient(1, 1, 3).toFloats()) sum += Math.abs(g);
    return sum;
  }

  @Test
  void normsOfHalfPrecisionAreSummedInF32() {
    Tensor parameter = Tensor.zeros(DType.BF16, 1000).requiresGrad(true);
    parameter.grad(Tensor.full(0.1, DType.BF16, 1000));
    double each = Tensor.full(0.1, DType.BF16, 1).item();
    assertThat(Gradients.norm(List.of(parameter), 1)).isCloseTo(1000 * each, within(1e-3));
  }

  @Test
  void nothingOfAStepStaysInMemory() {
    Map<String, Tensor> weights = weights(DType.BF16, SHAPES);
    weights.put("f32", weight(2, 4).requiresGrad(true));
    try (var optimizer = Optimizer.of(ADAMW, weights)) {
      step(optimizer, 1);
      int before = scope.size();
      optimizer.step();
      optimizer.clipGradients(1);
      optimizer.zeroGrad();
      optimizer.step();
      assertThat(scope.size()).isEqualTo(before);
    }
  }

  @Test
  void optionsOutOfRangeAreRefusedInASentence() {
    assertThatThrownBy(() -> Optimizer.of(ADAMW.withLr(-1), Map.of()))
        .isInstanceOf(OptionException.class)
        .hasMessage("lr must be a number of at least 0, not -1.0");
    assertThatThrownBy(() -> Optimizer.of(new AdamW(1, 1, 0.9, 1e-8, 0), Map.of()))
        .hasMessageStartingWith("beta1 must be a number of at least 0 and below 1");
    assertThatThrownBy(() -> new Sgd(1, 0, true, 0))
        .hasMessage("nesterov needs a momentum above 0");
    assertThatThrownBy(() -> ParameterGroup.of("g", ADAMW, Map.of()).withLrScale(-2))
        .hasMessage(
            "the learning-rate scale of parameter group g must be a number from 0, not -2.0");
  }

  @Test
  void parametersThatCannotBeUpdatedAreRefused() {
    Tensor w = weight(0, 2, 3);
    assertThatThrownBy(() -> Optimizer.of(ADAMW, Map.of("ids", Tensor.arange(3))))
        .hasMessage("parameter ids is of I64, which has no gradients");
    assertThatThrownBy(() -> Optimizer.of(ADAMW, Map.of("w", w.transpose(0, 1))))
        .hasMessageStartingWith("parameter w is a view whose elements are not in order");
    Map<String, Tensor> tied = new LinkedHashMap<>();
    tied.put("embed", w);
    tied.put("head", w.detach());
    assertThatThrownBy(() -> Optimizer.of(ADAMW, tied))
        .hasMessage(
            "parameters embed and head are the same memory, which would be updated twice;"
                + " give one");
    assertThatThrownBy(
            () ->
                new Optimizer(
                    List.of(
                        ParameterGroup.of("a", ADAMW, Map.of("w", w)),
                        ParameterGroup.of("b", ADAMW, Map.of("w", weight(1, 3)))),
                    true))
        .hasMessage("two parameters are named w");
    assertThatThrownBy(() -> Optimizer.of(Muon.DEFAULTS, Map.of("bias", weight(1, 3))))
        .hasMessage("Muon updates matrices, and parameter bias has the shape [3]");
  }
}
