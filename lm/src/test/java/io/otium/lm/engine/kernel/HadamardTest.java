package io.otium.lm.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HadamardTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 24, 64, 576, 1536, 1024})
  void rotatesAsItsDefinitionSays(int n) {
    float[] x = TileMatrixTest.gaussian(new Random(n), n + 5);
    float[] y = x.clone();
    Hadamard.rotate(y, 5, n);
    int block = Hadamard.block(n);
    for (int b = 0; b < n; b += block) {
      for (int i = 0; i < block; i++) {
        double sum = 0;
        for (int j = 0; j < block; j++)
          sum += (Integer.bitCount(i & j) % 2 == 0 ? 1 : -1) * x[5 + b + j];
        assertThat((double) y[5 + b + i]).isCloseTo(sum / Math.sqrt(block), Offset.offset(1e-4));
      }
    }
    Hadamard.rotate(y, 5, n);
    for (int i = 0; i < y.length; i++) assertThat(y[i]).isCloseTo(x[i], Offset.offset(1e-4f));
  }
}
