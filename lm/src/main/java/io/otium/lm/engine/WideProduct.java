package io.otium.lm.engine;

import io.otium.core.torch.LibTorch;
import io.otium.core.torch.RowProduct;
import io.otium.core.torch.Staging;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.Hadamard;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A product of several rows by libtorch, in blocks that stay in the second-level cache. For 8-bit
 * products each row is taken in groups of up to 512 inputs (FBGEMM's own block), and each group is
 * rotated ({@link Hadamard}) and brought to unit range by a scale of its own.
 */
final class WideProduct implements Linear.Wide {
  /** Rows that go to libtorch at once: 128 rows of 1536 floats are 0.8 MB. */
  private static final int BLOCK = 128;

  /** Inputs that share a scale. */
  private static final int GROUP = 512;

  private final List<Part> parts;
  private final int[] starts;
  private final boolean rotated;
  private final boolean bytes;
  private final Buffers[] buffers;

  /**
   * Some of the outputs.
   *
   * @param products one for each group of inputs; none where a worker has no outputs
   * @param firstOutput the first of them
   */
  record Part(List<RowProduct> products, int firstOutput) {}

  /** What a worker needs for any of a model's products. */
  static final class Buffers implements AutoCloseable {
    final Staging[] staging;
    final float[] row;
    final byte[] bytes;
    final float[][] scales;
    private boolean threadReady;

    /**
     * @param mostInputs of any product
     * @param rotated whether rows are taken in groups
     */
    Buffers(int mostInputs, boolean rotated) {
      int[] starts = starts(mostInputs, rotated);
      staging = new Staging[starts.length - 1];
      scales = new float[starts.length - 1][BLOCK];
      int most = rotated ? Math.min(GROUP, mostInputs) : mostInputs;
      for (int g = 0; g < staging.length; g++) staging[g] = new Staging((long) BLOCK * most);
      row = new float[mostInputs];
      bytes = new byte[mostInputs];
    }

    void claimThread() {
      if (threadReady) return;
      LibTorch.oneThread();
      threadReady = true;
    }

    @Override
    public void close() {
      for (Staging own : staging) own.close();
    }
  }

  /**
   * @param parts all outputs, in order
   * @param inputs elements of a row
   * @param rotated whether the product's weights were rotated
   * @param buffers one for each worker
   */
  WideProduct(List<Part> parts, int inputs, boolean rotated, Buffers[] buffers) {
    this.parts = List.copyOf(parts);
    this.starts = starts(inputs, rotated);
    this.rotated = rotated;
    this.bytes =
        parts.stream().flatMap(p -> p.products().stream()).anyMatch(RowProduct::takesBytes);
    this.buffers = buffers;
  }

  /** Where groups of inputs begin, and where the last one ends. */
  static int[] starts(int inputs, boolean rotated) {
    if (!rotated) return new int[] {0, inputs};
    int groups = (inputs + GROUP - 1) / GROUP;
    int[] starts = new int[groups + 1];
    for (int g = 0; g < groups; g++) starts[g] = g * GROUP;
    starts[groups] = inputs;
    return starts;
  }

  @Override
  public void multiply(
      int worker,
      int fromPart,
      int toPart,
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] y,
      int yAt,
      int yStride,
      boolean add) {
    Buffers own = buffers[worker];
    own.claimThread();
    for (int first = 0; first < rows; first += BLOCK) {
      int count = Math.min(BLOCK, rows - first);
      for (int r = 0; r < count; r++) {
        for (int g = 0; g + 1 < starts.length; g++) {
          stage(own, x, xAt + (first + r) * xStride, g, r);
        }
      }
      for (int p = fromPart; p < toPart; p++) {
        Part part = parts.get(p);
        int to = yAt + first * yStride + part.firstOutput();
        for (int g = 0; g < part.products().size(); g++) {
          float[] scales = own.scales[g];
          int n = part.products().get(g).outputs();
          boolean onto = add || g > 0;
          part.products()
              .get(g)
              .multiply(
                  own.staging[g],
                  count,
                  result -> {
                    for (int r = 0; r < count; r++) {
                      long from = (long) r * n * 4;
                      Elementwise.scaleFrom(result, from, n, scales[r], y, to + r * yStride, onto);
                    }
                  });
        }
      }
    }
  }

  private void stage(Buffers own, float[] x, int rowAt, int g, int row) {
    int n = starts[g + 1] - starts[g];
    int at = rowAt + starts[g];
    MemorySegment to = own.staging[g].segment();
    if (!rotated) {
      own.scales[g][row] = 1;
      Elementwise.scaleInto(x, at, n, 1, to, (long) row * n * 4);
      return;
    }
    System.arraycopy(x, at, own.row, 0, n);
    Hadamard.rotate(own.row, 0, n);
    float largest = Elementwise.maxAbs(own.row, 0, n);
    own.scales[g][row] = largest;
    float scale = largest == 0 ? 0 : 1 / largest;
    if (bytes) {
      Elementwise.quantiseInto(own.row, n, scale * 127, own.bytes);
      MemorySegment.copy(own.bytes, 0, to, ValueLayout.JAVA_BYTE, (long) row * n, n);
    } else {
      Elementwise.scaleInto(own.row, 0, n, scale, to, (long) row * n * 4);
    }
  }
}
