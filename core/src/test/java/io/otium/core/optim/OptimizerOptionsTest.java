package io.otium.core.optim;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerOptionsTest {
  private static Map<String, Tensor> parameters() {
    return new TreeMap<>(
        Map.of(
            "embedding", Tensor.full(0.5, DType.F32, 6, 4).requiresGrad(true),
            "hidden", Tensor.full(0.5, DType.F32, 4, 4).requiresGrad(true),
            "norm", Tensor.full(0.5, DType.F32, 4).requiresGrad(true)));
  }

  @ParameterizedTest
  @EnumSource(OptimizerOptions.Rule.class)
  void everyRuleUpdatesEveryParameterAndDecaysMatricesOnly(OptimizerOptions.Rule rule) {
    try (var _ = new Scope()) {
      Map<String, Tensor> parameters = parameters();
      List<ParameterGroup> groups =
          new OptimizerOptions(rule, 0.1, 0.3, 0.95).groups(parameters, "embedding"::equals);
      assertThat(groups.stream().flatMap(group -> group.parameters().keySet().stream()))
          .containsExactlyInAnyOrderElementsOf(parameters.keySet());
      for (ParameterGroup group : groups) {
        double decay = group.parameters().containsKey("norm") ? 0 : 0.3;
        assertThat(group.weightDecay()).isEqualTo(decay);
        assertThat(group.rule().lr()).isEqualTo(0.1);
      }
      try (var optimizer = new Optimizer(groups, true)) {
        parameters.values().forEach(p -> p.mul(p).sum().backward());
        optimizer.step();
        for (Tensor p : parameters.values()) assertThat(p.toFloats()[0]).isLessThan(0.5f);
      }
    }
  }

  @Test
  void muonTakesHiddenMatricesAndAdamWTheRest() {
    try (var _ = new Scope()) {
      var options = new OptimizerOptions(OptimizerOptions.Rule.MUON, 0.1, 0, 0.95);
      for (ParameterGroup group : options.groups(parameters(), "embedding"::equals)) {
        assertThat(group.rule() instanceof Muon)
            .isEqualTo(group.parameters().containsKey("hidden"));
      }
    }
  }
}
