package io.otium.core.torch;

import static org.bytedeco.pytorch.global.torch.mm;
import static org.bytedeco.pytorch.global.torch.rand;

import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Multiplies matrices with libtorch and prints billions of operations a second. Runs in a process
 * of its own: an instruction that the processor advertises and does not have ends that process and
 * no other.
 */
public final class Probe {
  private static final int SIZE = 1024;
  private static final int REPEATS = 3;

  private Probe() {}

  public static void main(String[] args) {
    ScalarType type = ScalarType.valueOf(args[0]);
    try (PointerScope _ = new PointerScope()) {
      Tensor a = rand(SIZE, SIZE).to(type);
      Tensor b = rand(SIZE, SIZE).to(type);
      mm(a, b).close(); // packs, compiles, wakes threads
      long best = Long.MAX_VALUE;
      for (int i = 0; i < REPEATS; i++) {
        long start = System.nanoTime();
        mm(a, b).close();
        best = Math.min(best, System.nanoTime() - start);
      }
      System.out.printf(Locale.ROOT, "%.1f%n", 2.0 * SIZE * SIZE * SIZE / best);
    }
  }
}
