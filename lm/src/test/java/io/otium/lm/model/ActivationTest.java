package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationTest {
  /** Values of the error function from its tables (Abramowitz and Stegun, table 7.1). */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.1, 0.1124629160",
    "0.5, 0.5204998778",
    "1, 0.8427007929",
    "2, 0.9953222650",
    "-1.5, -0.9661051465",
    "7, 1",
    "-Infinity, -1"
  })
  void errorFunctionAgreesWithItsTable(double x, double erf) {
    assertThat(Activation.erf(x)).isCloseTo(erf, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"SILU, 0.7310586", "GELU, 0.8413447", "GELU_TANH, 0.841192", "RELU, 1"})
  void valuesAtOne(Activation activation, float value) {
    assertThat(activation.apply(1)).isCloseTo(value, within(1e-6f));
    assertThat(activation.apply(0)).isZero();
    assertThat(activation.apply(-100)).isCloseTo(0, within(1e-6f));
  }
}
