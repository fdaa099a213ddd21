package io.otium.lm.engine;

import io.otium.core.torch.FloatProduct;
import io.otium.core.torch.Int8Product;
import io.otium.core.torch.LibTorch;
import io.otium.core.torch.RowProduct;
import io.otium.lm.engine.kernel.Hadamard;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.TileMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernels for many rows, chosen by measurement: a model's products are timed in each way that
 * this processor may be good at, and the fastest is made for all of them. Which one that is differs
 * by a factor of ten between processors.
 */
final class WideKernels implements AutoCloseable {
  /** A way to multiply many rows. */
  enum Kind {
    /** FBGEMM, 8-bit weights and activations, rotated. */
    INT8,
    /** oneDNN, bf16. */
    BF16,
    /** BLAS, fp32. */
    FP32;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(WideKernels.class);

  /** Rows of the products that are timed. */
  private static final int ROWS = 64;

  /** Largest root-mean-square error, relative to the result, of a kernel that is used. */
  private static final double MOST_ERROR = 0.03;

  private final List<RowProduct> products = new ArrayList<>();
  private final WideProduct.Buffers[] buffers;

  private WideKernels(WideProduct.Buffers[] buffers) {
    this.buffers = buffers;
  }

  /**
   * Makes wide kernels for every product but the last, whose rows are few, and hands them to the
   * model.
   *
   * @param workers threads that will call them
   */
  static WideKernels make(EngineWeights weights, Kind kind, int workers) {
    List<Linear> linears = weights.linears().filter(l -> l != weights.output()).toList();
    int mostInputs = linears.stream().mapToInt(l -> l.tiles().inputs()).max().orElseThrow();
    var buffers = new WideProduct.Buffers[workers];
    for (int w = 0; w < workers; w++) buffers[w] = new WideProduct.Buffers(mostInputs);
    var kernels = new WideKernels(buffers);
    for (Linear linear : linears) {
      RowProduct product = product(linear.tiles(), kind);
      kernels.products.add(product);
      linear.widen(new WideProduct(product, kind == Kind.INT8, buffers));
    }
    weights.wideness().ready();
    return kernels;
  }

  /**
   * The fastest kind for these weights on this processor whose products agree with the plain ones;
   * timed on the model's largest product, for some milliseconds each.
   */
  static Kind choose(EngineWeights weights) {
    TileMatrix sample = weights.layers().get(0).gateUp().tiles();
    Kind best = Kind.FP32;
    double least = Double.POSITIVE_INFINITY;
    for (Kind kind : candidates(sample.precision())) {
      double seconds = time(sample, kind);
      LOG.debug("{} rows by {}: {} ms", ROWS, kind.id(), seconds * 1e3);
      if (seconds < least) {
        least = seconds;
        best = kind;
      }
    }
    return best;
  }

  /** No kind rounds more than the weights were rounded already. */
  private static List<Kind> candidates(Precision precision) {
    return switch (precision) {
      case FP32 -> List.of(Kind.FP32);
      case BF16 -> List.of(Kind.BF16, Kind.FP32);
      case INT8, INT4 -> List.of(Kind.INT8, Kind.BF16);
    };
  }

  private static double time(TileMatrix tiles, Kind kind) {
    int inputs = (tiles.inputs() + 31) / 32 * 32;
    int stride = (tiles.outputs() + 15) / 16 * 16;
    float[] x = new float[ROWS * inputs];
    for (int i = 0; i < x.length; i++)
      x[i] = i % inputs < tiles.inputs() ? (float) Math.sin(i * 0.37) : 0;
    float[] plain = new float[ROWS * stride];
    tiles.multiply(
        x,
        0,
        inputs,
        ROWS,
        plain,
        0,
        stride,
        false,
        0,
        tiles.tiles(),
        new TileMatrix.Scratch(inputs));
    float[] y = new float[ROWS * stride];
    try (RowProduct product = product(tiles, kind);
        var buffers = new WideProduct.Buffers(inputs)) {
      var wide = new WideProduct(product, kind == Kind.INT8, new WideProduct.Buffers[] {buffers});
      double least = Double.POSITIVE_INFINITY;
      for (int repeat = 0; repeat < 5; repeat++) {
        long begin = System.nanoTime();
        wide.multiply(0, x, 0, inputs, ROWS, y, 0, stride, false);
        least = Math.min(least, (System.nanoTime() - begin) / 1e9);
      }
      return agrees(plain, y) ? least : Double.POSITIVE_INFINITY;
    } catch (RuntimeException unsupported) {
      LOG.debug("no products by {}", kind.id(), unsupported);
      return Double.POSITIVE_INFINITY;
    }
  }

  private static boolean agrees(float[] plain, float[] y) {
    double noise = 0;
    double signal = 0;
    for (int i = 0; i < y.length; i++) {
      noise += (y[i] - plain[i]) * (double) (y[i] - plain[i]);
      signal += plain[i] * (double) plain[i];
    }
    return noise <= MOST_ERROR * MOST_ERROR * signal;
  }

  static RowProduct product(TileMatrix tiles, Kind kind) {
    float[] w = tiles.floats();
    int n = tiles.inputs();
    return switch (kind) {
      case INT8 -> {
        for (int o = 0; o < tiles.outputs(); o++) Hadamard.rotate(w, o * n, n);
        yield Int8Product.pack(w, tiles.outputs(), n, !Processor.hasVnni());
      }
      case BF16 -> FloatProduct.pack(w, tiles.outputs(), n, true);
      case FP32 -> FloatProduct.pack(w, tiles.outputs(), n, false);
    };
  }

  static boolean areAvailable() {
    return LibTorch.isAvailable();
  }

  @Override
  public void close() {
    products.forEach(RowProduct::close);
    for (WideProduct.Buffers own : buffers) own.close();
  }
}
