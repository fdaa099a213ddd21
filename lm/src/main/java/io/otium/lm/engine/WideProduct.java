package io.otium.lm.engine;

import io.otium.core.torch.LibTorch;
import io.otium.core.torch.RowProduct;
import io.otium.core.torch.Staging;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.Hadamard;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A product of many rows by libtorch, in blocks that stay in the second-level cache. For 8-bit
 * products each row is rotated ({@link Hadamard}) and brought to unit range, so that all rows of a
 * block can share one scale.
 */
final class WideProduct implements Linear.Wide {
  /** Rows that go to libtorch at once: 128 rows of 1536 floats are 0.8 MB. */
  private static final int BLOCK = 128;

  private final List<Part> parts;
  private final int inputs;
  private final boolean rotated;
  private final boolean bytes;
  private final Buffers[] buffers;

  /**
   * Some of the outputs.
   *
   * @param product null where a worker has none
   * @param firstOutput the first of them
   */
  record Part(@Nullable RowProduct product, int firstOutput) {}

  /** What a worker needs for any of a model's products. */
  static final class Buffers implements AutoCloseable {
    final Staging staging;
    final float[] row;
    final byte[] bytes;
    final float[] scales = new float[BLOCK];
    private boolean threadReady;

    Buffers(int mostInputs) {
      staging = new Staging((long) BLOCK * mostInputs);
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
      staging.close();
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
    this.inputs = inputs;
    this.rotated = rotated;
    this.bytes = parts.stream().anyMatch(p -> p.product() != null && p.product().takesBytes());
    this.buffers = buffers;
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
      for (int r = 0; r < count; r++) stage(own, x, xAt + (first + r) * xStride, inputs, r);
      for (int p = fromPart; p < toPart; p++) {
        Part part = parts.get(p);
        RowProduct product = part.product();
        if (product == null) continue;
        int n = product.outputs();
        int to = yAt + first * yStride + part.firstOutput();
        product.multiply(
            own.staging,
            count,
            result -> {
              for (int r = 0; r < count; r++) {
                long from = (long) r * n * 4;
                Elementwise.scaleFrom(result, from, n, own.scales[r], y, to + r * yStride, add);
              }
            });
      }
    }
  }

  private void stage(Buffers own, float[] x, int at, int n, int row) {
    if (!rotated) {
      own.scales[row] = 1;
      Elementwise.scaleInto(x, at, n, 1, own.staging.segment(), (long) row * n * 4);
      return;
    }
    System.arraycopy(x, at, own.row, 0, n);
    Hadamard.rotate(own.row, 0, n);
    float largest = Elementwise.maxAbs(own.row, 0, n);
    own.scales[row] = largest;
    float scale = largest == 0 ? 0 : 1 / largest;
    MemorySegment to = own.staging.segment();
    if (bytes) {
      Elementwise.quantiseInto(own.row, n, scale * 127, own.bytes);
      MemorySegment.copy(own.bytes, 0, to, ValueLayout.JAVA_BYTE, (long) row * n, n);
    } else {
      Elementwise.scaleInto(own.row, 0, n, scale, to, (long) row * n * 4);
    }
  }
}
