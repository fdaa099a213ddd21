package io.otium.lm.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ElementwiseTest {
  private static final int N = 77; // no multiple of any vector width

  @Test
  void exponentialsAreThoseOfTheLibrary() {
    float[] x = new float[N];
    for (int i = 0; i < N; i++) x[i] = -85f * i / (N - 1);
    float[] y = x.clone();
    float sum = Elementwise.expOfDifference(y, 0, N, 0f, 1f);
    double expected = 0;
    for (int i = 0; i < N; i++) {
      assertThat((double) y[i]).isCloseTo(Math.exp(x[i]), Percentage.withPercentage(1e-4));
      expected += Math.exp(x[i]);
    }
    assertThat((double) sum).isCloseTo(expected, Percentage.withPercentage(1e-4));
  }

  @Test
  void exponentialsOfHugeDifferencesAreAsGoodAsZero() {
    float[] x = new float[N];
    java.util.Arrays.fill(x, -1e30f);
    x[3] = 5;
    assertThat(Elementwise.expOfDifference(x, 0, N, 5f, 1f)).isCloseTo(1f, Offset.offset(1e-6f));
  }

  @Test
  void siluIsGateTimesItsSigmoidTimesUp() {
    var random = new Random(1);
    float[] gate = new float[N];
    float[] up = new float[N];
    for (int i = 0; i < N; i++) {
      gate[i] = (random.nextFloat() - 0.5f) * 200;
      up[i] = (float) random.nextGaussian();
    }
    float[] out = new float[N];
    Elementwise.siluTimes(gate, 0, up, 0, N, out, 0);
    for (int i = 0; i < N; i++) {
      double expected = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
      assertThat((double) out[i])
          .isCloseTo(expected, Offset.offset(1e-5 * (1 + Math.abs(expected))));
    }
  }

  @Test
  void normsAreTheirDefinition() {
    var random = new Random(2);
    float[] x = TileMatrixTest.gaussian(random, N);
    float[] weight = TileMatrixTest.gaussian(random, N);
    float[] bias = TileMatrixTest.gaussian(random, N);
    float[] rms = new float[N];
    float[] layer = new float[N];
    Elementwise.rmsNorm(x, 0, N, weight, 1e-5f, rms, 0);
    Elementwise.layerNorm(x, 0, N, weight, bias, 1e-5f, layer, 0);
    double squares = 0;
    double mean = 0;
    for (float v : x) {
      squares += v * v / N;
      mean += (double) v / N;
    }
    double variance = 0;
    for (float v : x) variance += (v - mean) * (v - mean) / N;
    for (int i = 0; i < N; i++) {
      assertThat((double) rms[i])
          .isCloseTo(x[i] / Math.sqrt(squares + 1e-5) * weight[i], Offset.offset(1e-5));
      assertThat((double) layer[i])
          .isCloseTo(
              (x[i] - mean) / Math.sqrt(variance + 1e-5) * weight[i] + bias[i],
              Offset.offset(1e-5));
    }
  }
}
