package io.otium.lm.engine;

import io.otium.core.torch.FloatProduct;
import io.otium.core.torch.Int8Product;
import io.otium.core.torch.LibTorch;
import io.otium.core.torch.RowProduct;
import io.otium.lm.engine.kernel.Hadamard;
import io.otium.lm.engine.kernel.TileMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
