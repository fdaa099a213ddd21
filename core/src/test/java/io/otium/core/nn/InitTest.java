package io.otium.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InitTest {
  private final RandomStream random = new RandomStream(2);
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static double std(Tensor tensor) {
    return tensor.std().item();
  }

  @Test
  void variancesFollowTheFans() {
    Tensor w = Tensor.zeros(200, 100);
    assertThat(std(Init.kaimingNormal(w, random))).isCloseTo(Math.sqrt(2.0 / 100), within(3e-3));
    assertThat(std(Init.kaimingUniform(w, 0, random)))
        .isCloseTo(Math.sqrt(2.0 / 100), within(3e-3));
    assertThat(std(Init.xavierNormal(w, random))).isCloseTo(Math.sqrt(2.0 / 300), within(3e-3));
    assertThat(std(Init.xavierUniform(w, random))).isCloseTo(Math.sqrt(2.0 / 300), within(3e-3));
    Tensor kernel = Tensor.zeros(50, 20, 3, 3);
    assertThat(std(Init.kaimingNormal(kernel, random)))
        .isCloseTo(Math.sqrt(2.0 / 180), within(3e-3));
    assertThatThrownBy(() -> Init.kaimingNormal(Tensor.zeros(3), random))
        .hasMessage("a fan needs at least two dimensions, not [3]");
  }

  @Test
  void truncatedNormalStaysWithinTwoDeviations() {
    Tensor w = Init.truncatedNormal(Tensor.zeros(100, 100), 0.5, random);
    assertThat(w.abs().max().item()).isLessThanOrEqualTo(1);
    assertThat(std(w)).isCloseTo(0.5 * 0.8796, within(0.01));
  }

  @Test
  void orthogonalRowsOrColumnsAreOrthonormal() {
    Tensor tall = Init.orthogonal(Tensor.zeros(6, 4), 2, random);
    assertThat(tall.t().matmul(tall).allClose(Tensor.eye(4).mul(4), 0, 1e-5)).isTrue();
    Tensor wide = Init.orthogonal(Tensor.zeros(4, 3, 2), 1, random).flatten(1, 2);
    assertThat(wide.matmul(wide.t()).allClose(Tensor.eye(4), 0, 1e-5)).isTrue();
  }
}
