package io.otium.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Compares tensors with PyTorch's numbers, which are printed to seven digits. */
final class Near {
  private Near() {}

  static void assertNear(Tensor tensor, double... expected) {
    double[] actual = tensor.toDoubles();
    assertThat(actual).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element %d of %s", i, tensor).isCloseTo(expected[i], within(2e-6));
    }
  }
}
