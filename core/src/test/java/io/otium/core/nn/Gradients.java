package io.otium.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Compares gradients with finite differences, in F64. */
final class Gradients {
  private static final double STEP = 1e-5;
  private static final int SAMPLES = 12;

  private Gradients() {}

  /** Of a layer's parameters and its input. */
  static void check(Layer layer, Tensor x) {
    layer.to(DType.F64);
    Tensor input = x.to(DType.F64).requiresGrad(true);
    Map<String, Tensor> leaves = new LinkedHashMap<>(layer.trainable());
    leaves.put("x", input);
    check(leaves, () -> layer.forward(input));
  }

  /** Of F64 leaves, at some of each one's elements. */
  static void check(Map<String, Tensor> leaves, Supplier<Tensor> function) {
    var random = new RandomStream(11);
    Tensor weights;
    try (var scope = new Scope()) {
      weights = scope.keep(random.randn(function.get().shape()).to(DType.F64));
      loss(function, weights).backward();
    }
    leaves.forEach(
        (name, leaf) -> {
          assertThat(leaf.hasGrad()).as("%s has a gradient", name).isTrue();
          double[] gradient = leaf.grad().toDoubles();
          MemorySegment memory = leaf.segment();
          for (int s = 0; s < SAMPLES; s++) {
            int i = random.nextInt(gradient.length);
            double value = memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            double above = at(memory, i, value + STEP, function, weights);
            double below = at(memory, i, value - STEP, function, weights);
            memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            double expected = (above - below) / (2 * STEP);
            assertThat(gradient[i])
                .as("gradient of %s[%d]", name, i)
                .isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
          }
        });
  }

  private static double at(
      MemorySegment memory, int i, double value, Supplier<Tensor> function, Tensor weights) {
    memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
    try (var _ = new Scope()) {
      return Autograd.noGrad(() -> loss(function, weights).item());
    }
  }

  private static Tensor loss(Supplier<Tensor> function, Tensor weights) {
    return function.get().mul(weights).sum();
  }
}
