package io.otium.lm.engine;

import io.otium.lm.adapter.AdapterFiles.Update;
import io.otium.lm.engine.kernel.Memory;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.engine.kernel.TilePacker;
import io.otium.lm.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's low-rank updates as the engine multiplies them beside a model's own weights, which
 * stay as they are: {@code y = W x + s · B A x}. Requests with different adapters, or none, go
 * through the model together.
 */
public final class AdapterWeights {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /**
   * The update of one of the engine's products, which may be several of the model's: their {@code
   * A}s one below the other, their {@code s · B}s along the diagonal.
   *
   * @param a {@code [ranks, inputs]}
   * @param b {@code [outputs, ranks]}
   */
  record Product(Linear a, Linear b) {}

  /** A layer's updates; null where there is none. */
  record Layer(
      @Nullable Product qkv,
      @Nullable Product o,
      @Nullable Product gateUp,
      @Nullable Product down) {
    Stream<Product> products() {
      return Stream.of(qkv, o, gateUp, down).flatMap(Stream::ofNullable);
    }
  }

  /** A product of the model that is part of one of the engine's. */
  private record Part(@Nullable Update update, int outputs) {
    int rank() {
      return update == null ? 0 : update.rank();
    }
  }

  private final int number = NUMBERS.incrementAndGet();
  private final List<Layer> layers;
  private final long parameters;
  private final Arena arena = Arena.ofShared();
  private @Nullable WideKernels wide;
  private volatile boolean closed;

  private AdapterWeights(ModelConfig c, Map<String, Update> updates, Precision precision) {
    var left = new TreeSet<>(updates.keySet());
    var packing = new Packing(precision);
    List<Layer> all = new ArrayList<>();
    for (int l = 0; l < c.layers(); l++) {
      String attention = "model.layers." + l + ".self_attn.";
      String mlp = "model.layers." + l + ".mlp.";
      Function<String, @Nullable Update> of =
          name -> {
            left.remove(name);
            return updates.get(name);
          };
      var q = new Part(of.apply(attention + "q_proj"), c.queryWidth());
      var k = new Part(of.apply(attention + "k_proj"), c.kvWidth());
      var v = new Part(of.apply(attention + "v_proj"), c.kvWidth());
      var o = new Part(of.apply(attention + "o_proj"), c.width());
      var up = new Part(of.apply(mlp + "up_proj"), c.mlpWidth());
      var down = new Part(of.apply(mlp + "down_proj"), c.width());
      List<Part> gateUp =
          c.gatedMlp()
              ? List.of(new Part(of.apply(mlp + "gate_proj"), c.mlpWidth()), up)
              : List.of(up);
      all.add(
          new Layer(
              packing.product(c.width(), List.of(q, k, v)),
              packing.product(c.queryWidth(), List.of(o)),
              packing.product(c.width(), gateUp),
              packing.product(c.mlpWidth(), List.of(down))));
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "the adapter changes %s, which this model has not".formatted(left.first()));
    }
    layers = List.copyOf(all);
    parameters = updates.values().stream().mapToLong(u -> u.a().length + u.b().length).sum();
  }

  /**
   * Brings an adapter into the engine's form.
   *
   * @param updates by the product's name, e.g. {@code model.layers.3.self_attn.q_proj}
   * @param precision of the model's weights; an adapter is kept at 16 bits or 32
   * @throws IllegalArgumentException if the updates do not fit the model, with what does not
   */
  static AdapterWeights pack(ModelConfig config, Map<String, Update> updates, Precision precision) {
    return new AdapterWeights(
        config, updates, precision == Precision.FP32 ? Precision.FP32 : Precision.BF16);
  }

  /** Packs stacked updates. */
  private final class Packing {
    private final Precision precision;
    private final Memory.Slab slab = new Memory.Slab(arena);

    Packing(Precision precision) {
      this.precision = precision;
    }

    @Nullable Product product(int inputs, List<Part> parts) {
      int ranks = parts.stream().mapToInt(Part::rank).sum();
      if (ranks == 0) return null;
      int outputs = parts.stream().mapToInt(Part::outputs).sum();
      float[] a = new float[ranks * inputs];
      float[] b = new float[outputs * ranks];
      int rank = 0;
      int output = 0;
      for (Part part : parts) {
        if (part.update() != null) place(part.update(), part, inputs, a, rank, b, output, ranks);
        rank += part.rank();
        output += part.outputs();
      }
      return new Product(linear(a, ranks, inputs), linear(b, outputs, ranks));
    }

    private static void place(
        Update update,
        Part part,
        int inputs,
        float[] a,
        int rank,
        float[] b,
        int output,
        int ranks) {
      int own = update.rank();
      if (update.inputs() != inputs || update.b().length != part.outputs() * own) {
        throw new IllegalArgumentException(
            "the adapter has a product of %d × %d numbers where this model's is %d × %d"
                .formatted(update.b().length / own, update.inputs(), part.outputs(), inputs));
      }
      System.arraycopy(update.a(), 0, a, rank * inputs, own * inputs);
      for (int o = 0; o < part.outputs(); o++) {
        for (int k = 0; k < own; k++) {
          b[(output + o) * ranks + rank + k] = (float) (update.scale() * update.b()[o * own + k]);
        }
      }
    }

    private Linear linear(float[] matrix, int outputs, int inputs) {
      var memory = slab.allocate(TileMatrix.bytes(precision, outputs, inputs));
      TilePacker.Rows rows =
          (output, out, at) -> System.arraycopy(matrix, output * inputs, out, at, inputs);
      return new Linear(TilePacker.pack(precision, outputs, inputs, rows, memory), null);
    }
  }

  Layer layer(int l) {
    return layers.get(l);
  }

  /** Tells adapters of a process apart. */
  int number() {
    return number;
  }

  /** Numbers that were trained. */
  public long parameters() {
    return parameters;
  }

  /** The most updates that one product has. */
  int mostRanks() {
    return linears().mapToInt(linear -> linear.tiles().inputs()).max().orElse(0);
  }

  /** All {@code A}s and {@code B}s. */
  private Stream<Linear> linears() {
    return layers.stream().flatMap(Layer::products).flatMap(p -> Stream.of(p.a(), p.b()));
  }

  /** Makes kernels for many rows. */
  synchronized void widen(int workers) {
    if (wide == null && !closed) wide = WideKernels.beside(linears().toList(), workers);
  }

  boolean isClosed() {
    return closed;
  }

  /** No request may begin with it from now on. */
  void retire() {
    closed = true;
  }

  /** Frees its memory; nobody may be using it. */
  synchronized void free() {
    retire();
    if (wide != null) wide.close();
    wide = null;
    arena.close();
  }
}
