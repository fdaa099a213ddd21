package io.otium.lm.engine;

import io.otium.core.torch.Brgemm;
import io.otium.core.torch.DnnInt8Product;
import io.otium.core.torch.FloatProduct;
import io.otium.core.torch.Int8Product;
import io.otium.core.torch.LibTorch;
import io.otium.core.torch.Processor;
import io.otium.core.torch.RowProduct;
import io.otium.lm.engine.kernel.ByteRows;
import io.otium.lm.engine.kernel.Hadamard;
import io.otium.lm.engine.kernel.Memory;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.engine.kernel.TilePacker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
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
    /** oneDNN's micro-kernel, 8-bit weights as they lie in their tiles, 8-bit activations. */
    INT8_TILES,
    /** FBGEMM, 8-bit weights and activations, rotated. */
    INT8,
    /** The same by oneDNN: slower for few rows, several times faster where there is AMX. */
    INT8_DNN,
    /** oneDNN, bf16. */
    BF16,
    /** BLAS, fp32. */
    FP32;

    String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether rows and weights are rotated in groups, each with a product of its own. */
    boolean rotates() {
      return this == INT8 || this == INT8_DNN;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(WideKernels.class);

  /**
   * A kind, and from how many rows on it is faster than the plain kernels.
   *
   * @param fromRows at least 2: a single row is best read from its tiles
   * @param milliseconds of the kinds that were timed
   */
  record Choice(Kind kind, int fromRows, Map<Kind, Double> milliseconds) {
    Choice(Kind kind, int fromRows) {
      this(kind, fromRows, Map.of());
    }
  }

  /** Rows of the products that kinds are compared by. */
  private static final int ROWS = 64;

  /** Numbers of rows at which the plain kernels are given up for the wide ones. */
  private static final int[] FROM_ROWS = {2, 4, 8, 16};

  /**
   * How long products are repeated to time them: until the JVM has compiled what surrounds them,
   * for a kind is chosen once and for long.
   */
  private static final long TIMING_NANOS = 150_000_000;

  /** Rows that have gone through a kind before it is timed: then the JVM has compiled their way. */
  private static final int WARMING_ROWS = 12_000;

  /** A later kind must take less than this share of an earlier one's time: equals take turns. */
  private static final double CLEARLY = 0.85;

  /** Weights that are timed together: as bf16 more than caches hold, since a model's are too. */
  private static final long TIMED_WEIGHTS = 24_000_000;

  /** Largest root-mean-square error, relative to the result, of a kernel that is used. */
  private static final double MOST_ERROR = 0.03;

  private final Kind kind;
  private final int workers;
  private final Arena arena = Arena.ofShared();
  private final List<RowProduct> products = new ArrayList<>();
  private final WideProduct.Buffers[] buffers;
  private final WideProduct.Buffers[] plainBuffers;
  private final ByteRows[] byteRows;

  private WideKernels(Kind kind, int mostInputs, int workers) {
    this.kind = kind;
    this.workers = workers;
    boolean tiles = kind == Kind.INT8_TILES;
    byteRows = new ByteRows[tiles ? workers : 0];
    buffers = new WideProduct.Buffers[tiles ? 0 : workers];
    plainBuffers = new WideProduct.Buffers[tiles ? 0 : workers];
    for (int w = 0; w < workers; w++) {
      if (tiles) {
        byteRows[w] = new ByteRows(mostInputs, arena);
      } else {
        buffers[w] = new WideProduct.Buffers(mostInputs, kind.rotates());
        plainBuffers[w] = new WideProduct.Buffers(mostInputs, false);
      }
    }
  }

  /**
   * Makes wide kernels for the products of the layers and hands them to the model. Not for the last
   * product: its rows are few, and there rounding costs the distributions most.
   *
   * @param workers threads that will call them
   */
  static WideKernels make(EngineWeights weights, Choice choice, int workers) {
    List<Linear> linears = weights.linears().filter(l -> l != weights.output()).toList();
    int mostInputs = linears.stream().mapToInt(l -> l.tiles().inputs()).max().orElseThrow();
    var kernels = new WideKernels(choice.kind(), mostInputs, workers);
    Set<Linear> delicate = choice.kind().rotates() ? delicate(weights) : Set.of();
    for (Linear linear : linears) {
      boolean exact = delicate.contains(linear);
      if (exact && !Processor.has("avx512_bf16")) continue; // its tiles are next best
      linear.widen(kernels.wide(linear.tiles(), exact));
    }
    weights.wideness().from(choice.fromRows());
    return kernels;
  }

  /**
   * Makes wide kernels for the small products of an adapter: in bf16 where their weights are and
   * the processor multiplies it fast, in fp32 otherwise.
   */
  static WideKernels beside(List<Linear> linears, int workers) {
    int mostInputs = linears.stream().mapToInt(l -> l.tiles().inputs()).max().orElseThrow();
    boolean half = linears.getFirst().tiles().precision() == Precision.BF16;
    Kind kind = half && Processor.has("avx512_bf16") ? Kind.BF16 : Kind.FP32;
    var kernels = new WideKernels(kind, mostInputs, workers);
    for (Linear linear : linears) linear.widen(kernels.wide(linear.tiles(), false));
    return kernels;
  }

  /**
   * A product of many rows.
   *
   * @param exact by bf16 whatever the kind
   */
  private Linear.Wide wide(TileMatrix tiles, boolean exact) {
    if (kind == Kind.INT8_TILES) return new TileProduct(eightBits(tiles), workers, byteRows);
    Kind own = exact ? Kind.BF16 : kind;
    List<WideProduct.Part> parts = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      int from = Linear.firstTile(tiles, w, workers) * 16;
      int to = Math.min(Linear.firstTile(tiles, w + 1, workers) * 16, tiles.outputs());
      List<RowProduct> some = from == to ? List.of() : products(tiles, own, from, to);
      products.addAll(some);
      parts.add(new WideProduct.Part(some, from));
    }
    return new WideProduct(parts, tiles.inputs(), own.rotates(), exact ? plainBuffers : buffers);
  }

  /** The same weights in 8 bits; themselves, if they are. */
  private TileMatrix eightBits(TileMatrix tiles) {
    if (tiles.precision() == Precision.INT8) return tiles;
    long size = TileMatrix.bytes(Precision.INT8, tiles.outputs(), tiles.inputs());
    MemorySegment memory = Memory.allocate(arena, size);
    return TilePacker.pack(Precision.INT8, tiles.outputs(), tiles.inputs(), tiles::row, memory);
  }

  /**
   * The products that 8 bits cost most: those down from the MLP in a model's first and last layers,
   * where a few activations are hundreds of times larger than the rest. A fifth of SmolLM2's down
   * products, and two fifths of what rounding them adds to the KL.
   */
  private static Set<Linear> delicate(EngineWeights weights) {
    Set<Linear> delicate = Collections.newSetFromMap(new IdentityHashMap<>());
    int layers = weights.layers().size();
    for (int l = 0; l < layers; l++) {
      if (l < layers / 15 || l >= layers - layers * 2 / 15) {
        delicate.add(weights.layers().get(l).down());
      }
    }
    return delicate;
  }

  /**
   * The fastest kind for these weights on this processor whose products agree with the plain ones;
   * timed on the largest product of some layers, for some tenths of a second.
   */
  static Choice choose(EngineWeights weights) {
    List<TileMatrix> sample = new ArrayList<>();
    long size = 0;
    for (EngineWeights.Layer layer : weights.layers()) {
      TileMatrix tiles = layer.gateUp().tiles();
      sample.add(tiles);
      size += (long) tiles.outputs() * tiles.inputs();
      if (size >= TIMED_WEIGHTS) break;
    }
    Kind best = Kind.FP32;
    int from = EngineWeights.ROWS_EACH;
    Map<Kind, Double> milliseconds = new EnumMap<>(Kind.class);
    double least = Double.POSITIVE_INFINITY;
    for (Kind kind : candidates(sample.getFirst().precision())) {
      try (var trial = new Trial(sample, kind)) {
        for (int r = 0; r < WARMING_ROWS; r += ROWS * sample.size()) trial.wide(ROWS);
        double seconds = least(() -> trial.wide(ROWS));
        milliseconds.put(kind, seconds * 1e3);
        if (seconds < CLEARLY * least && trial.agrees()) {
          least = seconds;
          best = kind;
          from = fromRows(trial);
        }
      } catch (RuntimeException unsupported) {
        LOG.debug("no products by {}", kind.id(), unsupported);
      }
    }
    return new Choice(best, from, milliseconds);
  }

  private static int fromRows(Trial trial) {
    for (int rows : FROM_ROWS) {
      double wide = least(() -> trial.wide(rows));
      double plain = least(() -> trial.plain(rows));
      LOG.debug("{} rows: wide {} ms, plain {} ms", rows, wide * 1e3, plain * 1e3);
      if (wide < plain) return rows;
    }
    return EngineWeights.ROWS_EACH;
  }

  /** No kind rounds more than the weights were rounded already. */
  static List<Kind> candidates(Precision precision) {
    return switch (precision) {
      case FP32 -> List.of(Kind.FP32);
      case BF16 -> List.of(Kind.BF16, Kind.FP32);
      case INT8, INT4 -> Stream.of(Kind.values()).filter(WideKernels::isPossible).toList();
    };
  }

  private static boolean isPossible(Kind kind) {
    return switch (kind) {
      case INT8_TILES -> Processor.has("avx512_vnni") && Brgemm.hasBytes();
      case INT8_DNN -> Processor.hasVnni();
      case INT8, BF16 -> true;
      case FP32 -> false;
    };
  }

  /** Seconds of the quickest run. */
  private static double least(Runnable product) {
    long least = Long.MAX_VALUE;
    long end = System.nanoTime() + TIMING_NANOS;
    for (long now = System.nanoTime(); now < end; ) {
      product.run();
      long after = System.nanoTime();
      least = Math.min(least, after - now);
      now = after;
    }
    return least / 1e9;
  }

  /** Some products of the same shape in both ways, one after the other. */
  private static final class Trial implements AutoCloseable {
    private final List<TileMatrix> tiles;
    private final WideKernels kernels;
    private final List<Linear.Wide> wides;
    private final TileMatrix.Scratch scratch;
    private final int inputs;
    private final int stride;
    private final float[] x;
    private final float[] plain;
    private final float[] wide;

    Trial(List<TileMatrix> tiles, Kind kind) {
      this.tiles = tiles;
      TileMatrix first = tiles.getFirst();
      inputs = (first.inputs() + 31) / 32 * 32;
      stride = (first.outputs() + 15) / 16 * 16;
      x = new float[ROWS * inputs];
      for (int i = 0; i < x.length; i++)
        x[i] = i % inputs < first.inputs() ? (float) Math.sin(i * 0.37) : 0;
      plain = new float[ROWS * stride];
      wide = new float[ROWS * stride];
      scratch = new TileMatrix.Scratch(inputs);
      kernels = new WideKernels(kind, inputs, 1);
      wides = tiles.stream().map(matrix -> kernels.wide(matrix, false)).toList();
    }

    void plain(int rows) {
      for (TileMatrix matrix : tiles) plain(matrix, rows);
    }

    private void plain(TileMatrix matrix, int rows) {
      matrix.multiply(x, 0, inputs, rows, plain, 0, stride, false, 0, matrix.tiles(), scratch);
    }

    void wide(int rows) {
      for (Linear.Wide kernel : wides) wide(kernel, rows);
    }

    private void wide(Linear.Wide kernel, int rows) {
      kernel.multiply(0, 0, 1, x, 0, inputs, rows, wide, 0, stride, false);
    }

    /** Whether the two ways come to the same, within the kind's rounding. */
    boolean agrees() {
      plain(tiles.getFirst(), ROWS);
      wide(wides.getFirst(), ROWS);
      double noise = 0;
      double signal = 0;
      for (int i = 0; i < wide.length; i++) {
        noise += (wide[i] - plain[i]) * (double) (wide[i] - plain[i]);
        signal += plain[i] * (double) plain[i];
      }
      return noise <= MOST_ERROR * MOST_ERROR * signal;
    }

    @Override
    public void close() {
      kernels.close();
    }
  }

  /** The products with outputs {@code [from, to)}, one for each group of inputs. */
  static List<RowProduct> products(TileMatrix tiles, Kind kind, int from, int to) {
    float[] w = tiles.floats(from, to);
    int[] starts = WideProduct.starts(tiles.inputs(), kind.rotates());
    List<RowProduct> products = new ArrayList<>();
    for (int g = 0; g + 1 < starts.length; g++) {
      int n = starts[g + 1] - starts[g];
      float[] group = columns(w, tiles.inputs(), to - from, starts[g], n);
      if (kind.rotates()) {
        for (int o = 0; o < to - from; o++) Hadamard.rotate(group, o * n, n);
      }
      products.add(pack(group, to - from, n, kind));
    }
    return products;
  }

  private static float[] columns(float[] w, int inputs, int rows, int first, int n) {
    if (n == inputs) return w;
    float[] some = new float[rows * n];
    for (int r = 0; r < rows; r++) System.arraycopy(w, r * inputs + first, some, r * n, n);
    return some;
  }

  private static RowProduct pack(float[] w, int outputs, int inputs, Kind kind) {
    return switch (kind) {
      case INT8_TILES -> throw new IllegalArgumentException("tiles are packed already");
      case INT8 -> Int8Product.pack(w, outputs, inputs, !Processor.hasVnni());
      case INT8_DNN -> DnnInt8Product.pack(w, outputs, inputs);
      case BF16 -> FloatProduct.pack(w, outputs, inputs, true);
      case FP32 -> FloatProduct.pack(w, outputs, inputs, false);
    };
  }

  static boolean areAvailable() {
    return LibTorch.isAvailable();
  }

  @Override
  public void close() {
    products.forEach(RowProduct::close);
    for (WideProduct.Buffers own : buffers) own.close();
    for (WideProduct.Buffers own : plainBuffers) own.close();
    arena.close();
  }
}
