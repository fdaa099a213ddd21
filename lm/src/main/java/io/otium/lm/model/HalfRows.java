package io.otium.lm.model;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.Threads;
import io.otium.core.torch.OpenMp;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.Gradients;
import io.otium.lm.engine.kernel.Halves;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What stands between the products of a block in training, in one pass over memory each, on
 * libtorch's threads. Tensors are BF16, contiguous, {@code [rows, n]}; numbers in between are
 * floats.
 */
final class HalfRows {
  private static final int BYTES = 2;

  private HalfRows() {}

  /** Something done with some of the rows. */
  @FunctionalInterface
  interface Some {
    void rows(int from, int to);
  }

  /** Divides rows among the threads. */
  static void divide(int rows, Some some) {
    OpenMp.run(
        (worker, workers) ->
            some.rows(share(rows, worker, workers), share(rows, worker + 1, workers)));
  }

  /** Where a worker's rows begin. */
  private static int share(int rows, int worker, int workers) {
    return (int) ((long) rows * worker / workers);
  }

  /** {@code x / √(mean(x²) + eps) · w} */
  static Tensor rmsNorm(Tensor x, float[] w, float eps) {
    int rows = (int) x.size(0);
    int n = w.length;
    Tensor y = Tensor.empty(DType.BF16, rows, n);
    MemorySegment from = x.segment();
    MemorySegment to = y.segment();
    divide(
        rows,
        (first, end) -> {
          float[] row = new float[n];
          for (int r = first; r < end; r++) {
            long at = (long) r * n * BYTES;
            Halves.load(from, at, n, row, 0);
            Elementwise.rmsNorm(row, 0, n, w, eps, row, 0);
            Elementwise.toBf16(row, 0, n, to, at);
          }
        });
    return y;
  }

  /**
   * The way back of {@link #rmsNorm}, added to what came around it.
   *
   * @param around the gradient that x has already
   * @param into where the sum goes; may be {@code around}
   * @param dw receives the gradient of w, or null
   */
  static void rmsNormBack(
      Tensor x,
      Tensor dy,
      float[] w,
      float eps,
      Tensor around,
      Tensor into,
      float @Nullable [] dw) {
    int rows = (int) x.size(0);
    int n = w.length;
    MemorySegment xs = x.segment();
    MemorySegment dys = dy.segment();
    MemorySegment base = around.segment();
    MemorySegment to = into.segment();
    float[][] parts = new float[Threads.current()][];
    OpenMp.run(
        (worker, workers) -> {
          int end = share(rows, worker + 1, workers);
          float[] row = new float[n];
          float[] back = new float[n];
          float[] sum = new float[n];
          float[] own = new float[n];
          for (int r = share(rows, worker, workers); r < end; r++) {
            long at = (long) r * n * BYTES;
            Halves.load(xs, at, n, row, 0);
            Halves.load(dys, at, n, back, 0);
            Halves.load(base, at, n, sum, 0);
            Gradients.rmsNorm(row, back, n, w, eps, sum, own);
            Elementwise.toBf16(sum, 0, n, to, at);
          }
          parts[worker] = own;
        });
    if (dw == null) return;
    // in order, whoever came first: the same sums every time
    for (float[] part : parts) Elementwise.add(dw, 0, part, 0, n);
  }

  /**
   * {@code silu(gate) · up}
   *
   * @param gateUp {@code [rows, 2n]}: gates, then ups
   */
  static Tensor gatedSilu(Tensor gateUp) {
    int rows = (int) gateUp.size(0);
    int n = (int) gateUp.size(1) / 2;
    Tensor h = Tensor.empty(DType.BF16, rows, n);
    MemorySegment from = gateUp.segment();
    MemorySegment to = h.segment();
    divide(
        rows,
        (first, end) -> {
          float[] row = new float[2 * n];
          for (int r = first; r < end; r++) {
            Halves.load(from, (long) r * 2 * n * BYTES, 2 * n, row, 0);
            Elementwise.siluTimes(row, 0, row, n, n, row, 0);
            Elementwise.toBf16(row, 0, n, to, (long) r * n * BYTES);
          }
        });
    return h;
  }

  /**
   * The way back of {@link #gatedSilu}, in place.
   *
   * @param gateUp becomes its own gradient
   * @param dh becomes the result of the way there
   */
  static void gatedSiluBack(Tensor gateUp, Tensor dh) {
    int rows = (int) dh.size(0);
    int n = (int) dh.size(1);
    MemorySegment both = gateUp.segment();
    MemorySegment back = dh.segment();
    divide(
        rows,
        (first, end) -> {
          float[] gate = new float[n];
          float[] up = new float[n];
          float[] d = new float[n];
          for (int r = first; r < end; r++) {
            long at = (long) r * 2 * n * BYTES;
            Halves.load(both, at, n, gate, 0);
            Halves.load(both, at + n * BYTES, n, up, 0);
            Halves.load(back, at / 2, n, d, 0);
            Gradients.siluTimes(gate, up, d, n);
            Elementwise.toBf16(gate, 0, n, both, at);
            Elementwise.toBf16(up, 0, n, both, at + n * BYTES);
            Elementwise.toBf16(d, 0, n, back, at / 2);
          }
        });
  }

  /**
   * Cross-entropy of next tokens; the logits become their own gradients.
   *
   * @param logits {@code [rows, vocabulary]}
   * @param factor what the model multiplies its logits by
   * @param scale of the loss that gradients are of
   * @return the sum of the rows' losses, in nats, without the scale
   */
  static double crossEntropy(Tensor logits, long[] targets, float factor, float scale) {
    int n = (int) logits.size(1);
    MemorySegment all = logits.segment();
    double[] losses = new double[targets.length];
    divide(
        targets.length,
        (first, end) -> {
          float[] row = new float[n];
          for (int r = first; r < end; r++) {
            long at = (long) r * n * BYTES;
            int target = (int) targets[r];
            Halves.load(all, at, n, row, 0);
            float right = row[target];
            float max = Elementwise.max(row, 0, n);
            float sum = Elementwise.expOfDifference(row, 0, n, max, factor);
            losses[r] = Math.log(sum) - (double) factor * (right - max);
            Elementwise.scale(row, 0, n, factor * scale / sum);
            row[target] -= factor * scale;
            Elementwise.toBf16(row, 0, n, all, at);
          }
        });
    double sum = 0;
    for (double loss : losses) sum += loss;
    return sum;
  }
}
