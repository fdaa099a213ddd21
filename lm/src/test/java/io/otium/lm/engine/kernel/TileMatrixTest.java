package io.otium.lm.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TileMatrixTest {
  private static final int[] ROWS = {1, 2, 3, 7, 13};

  @ParameterizedTest
  @CsvSource({
    "FP32, 48, 64, 1e-5", "FP32, 17, 40, 1e-5", "BF16, 48, 64, 8e-3", "BF16, 33, 100, 8e-3",
    "INT8, 48, 64, 1e-2", "INT8, 5, 33, 1e-2", "INT4, 48, 64, 0.15", "INT4, 70, 96, 0.15"
  })
  void multipliesAsThePlainTwinDoes(
      Precision precision, int outputs, int inputs, double tolerance) {
    var random = new Random(7);
    float[] w = gaussian(random, outputs * inputs);
    try (Arena arena = Arena.ofShared()) {
      TileMatrix matrix = pack(precision, outputs, inputs, w, arena);
      float[] kept = matrix.floats(0, outputs);
      double error = 0;
      for (int i = 0; i < w.length; i++) error = Math.max(error, Math.abs(kept[i] - w[i]));
      assertThat(error).as("error of the stored weights").isLessThan(tolerance * 4);

      int k = Lanes.pad(inputs, 32);
      int yStride = Lanes.pad(outputs, 16) + 16;
      for (int rows : ROWS) {
        float[] x = new float[rows * k];
        for (int r = 0; r < rows; r++) {
          for (int i = 0; i < inputs; i++) x[r * k + i] = (float) random.nextGaussian();
        }
        float[] y = new float[rows * yStride];
        TileMatrix.Scratch scratch = new TileMatrix.Scratch(inputs);
        matrix.multiply(x, 0, k, rows, y, 0, yStride, false, 0, matrix.tiles(), scratch);
        matrix.multiply(x, 0, k, rows, y, 0, yStride, true, 0, matrix.tiles(), scratch);
        for (int r = 0; r < rows; r++) {
          for (int o = 0; o < outputs; o++) {
            double expected = 0;
            for (int i = 0; i < inputs; i++)
              expected += (double) kept[o * inputs + i] * x[r * k + i];
            assertThat((double) y[r * yStride + o])
                .isCloseTo(2 * expected, offset(2e-4 * Math.sqrt(inputs)));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void fourBitWeightsComeThroughUnchanged(int kind) {
    var random = new Random(3);
    int inputs = 64;
    float[] w = new float[16 * inputs];
    for (int g = 0; g < w.length; g += 32) {
      float step = Lanes.fromBf16(Lanes.toBf16(0.01f + random.nextFloat() * 0.1f));
      float minimum = kind == 0 ? Lanes.fromBf16(Lanes.toBf16(-random.nextFloat())) : -8 * step;
      for (int i = 0; i < 32; i++) {
        int code = i == 0 ? 0 : i == 1 && kind == 0 ? 15 : random.nextInt(16);
        w[g + i] = code * step + minimum;
      }
    }
    try (Arena arena = Arena.ofShared()) {
      TileMatrix matrix = pack(Precision.INT4, 16, inputs, w, arena);
      float[] row = new float[Lanes.pad(inputs, 32)];
      for (int o = 0; o < 16; o++) {
        matrix.row(o, row, 0);
        for (int i = 0; i < inputs; i++)
          assertThat(row[i]).isEqualTo(w[o * inputs + i], offset(2e-7f));
      }
    }
  }

  static TileMatrix pack(Precision precision, int outputs, int inputs, float[] w, Arena arena) {
    return TilePacker.pack(
        precision,
        outputs,
        inputs,
        (row, out, at) -> System.arraycopy(w, row * inputs, out, at, inputs),
        arena.allocate(TileMatrix.bytes(precision, outputs, inputs), 64));
  }

  static float[] gaussian(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) values[i] = (float) random.nextGaussian();
    return values;
  }
}
