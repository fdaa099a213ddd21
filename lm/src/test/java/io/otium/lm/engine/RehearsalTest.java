package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.LoadOptions.WeightPrecision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RehearsalTest {
  @ParameterizedTest
  @EnumSource
  void goesThroughTheModelInEveryPrecision(WeightPrecision precision) {
    Rehearsal rehearsal = Rehearsal.start(precision);
    rehearsal.finish();
    assertThat(rehearsal.passes()).isPositive();
  }
}
