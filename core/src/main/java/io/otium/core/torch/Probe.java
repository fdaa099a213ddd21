package io.otium.core.torch;

import java.lang.foreign.ValueLayout;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch;

/**
 * Multiplies matrices with libtorch and prints billions of operations a second. Runs in a process
 * of its own: an instruction that the processor advertises and does not have ends that process and
 * no other.
 */
public final class Probe {
  /** Numbers to multiply, by the name on the command line. */
  public enum Numbers {
    FP32,
    BF16,
    INT8
  }

  private static final int SIZE = 1024;
  private static final int REPEATS = 3;

  private Probe() {}

  /**
   * @param args one of {@link Numbers}
   */
  public static void main(String[] args) {
    System.out.printf(Locale.ROOT, "%.1f%n", gigaflops(Numbers.valueOf(args[0])));
  }

  /** Of the products that the engine chooses from, with all processors. */
  static double gigaflops(Numbers numbers) {
    float[] weights = new float[SIZE * SIZE];
    for (int i = 0; i < weights.length; i++) weights[i] = (float) Math.sin(i * 0.37);
    try (RowProduct product = product(numbers, weights);
        var x = new Staging((long) SIZE * SIZE)) {
      for (int i = 0; i < weights.length; i++) {
        x.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, weights[i]);
      }
      torch.set_num_threads(Runtime.getRuntime().availableProcessors());
      product.multiply(x, SIZE, y -> {}); // compiles, wakes threads
      long best = Long.MAX_VALUE;
      for (int i = 0; i < REPEATS; i++) {
        long start = System.nanoTime();
        product.multiply(x, SIZE, y -> {});
        best = Math.min(best, System.nanoTime() - start);
      }
      return 2.0 * SIZE * SIZE * SIZE / best;
    } finally {
      torch.set_num_threads(1);
    }
  }

  private static RowProduct product(Numbers numbers, float[] weights) {
    return switch (numbers) {
      case FP32 -> FloatProduct.pack(weights, SIZE, SIZE, false);
      case BF16 -> FloatProduct.pack(weights, SIZE, SIZE, true);
      case INT8 -> Int8Product.pack(weights, SIZE, SIZE, false);
    };
  }
}
