package io.otium.lm.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.adapter.AdapterFiles.Update;
import io.otium.lm.engine.kernel.Memory;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.format.TensorType;
import io.otium.lm.model.WeightTensor;
import io.otium.lm.model.Weights;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a model's weights into the engine's form and starts the engine on them. */
public final class EngineLoader {
  private static final Set<TensorType> FOUR_BITS =
      Set.of(TensorType.Q4_0, TensorType.Q4_1, TensorType.Q4_K, TensorType.IQ4_NL);

  private static final Logger LOG = LoggerFactory.getLogger(EngineLoader.class);

  private static volatile @Nullable Rehearsal rehearsal;

  private EngineLoader() {}

  /** An engine and the memory of its weights. */
  public record Loaded(Engine engine, Wide wide, Arena arena) implements AutoCloseable {
    /** See {@link io.otium.lm.Model#warmUp}. */
    public void warmUp() {
      wide.make();
      engine.warmUp();
      Memory.giveBack();
    }

    /** See {@link io.otium.lm.Model#longPromptKernel}. */
    public Optional<LongPromptKernel> longPromptKernel() {
      return wide.chosen();
    }

    /**
     * Takes an adapter into memory, for requests to name.
     *
     * @param updates by the product's name
     * @throws IllegalArgumentException if they do not fit the model, with what does not
     */
    public AdapterWeights add(Map<String, Update> updates) {
      AdapterWeights adapter = AdapterWeights.pack(engine.config(), updates, engine.precision());
      wide.serve(adapter);
      return adapter;
    }

    /** Ends the requests with an adapter, and frees it. */
    public void drop(AdapterWeights adapter) {
      wide.forget(adapter);
      engine.drop(adapter);
    }

    @Override
    public void close() {
      engine.close();
      wide.close();
      arena.close();
    }
  }

  /** The kernels for many rows, made when they first pay. */
  static final class Wide implements AutoCloseable {
    private final EngineWeights weights;
    private final int workers;
    private final KernelChoices choices;
    private @Nullable WideKernels kernels;
    private @Nullable LongPromptKernel chosen;
    private final List<AdapterWeights> adapters = new ArrayList<>();
    private boolean closed;

    Wide(EngineWeights weights, int workers, KernelChoices choices) {
      this.weights = weights;
      this.workers = workers;
      this.choices = choices;
    }

    synchronized void make() {
      if (kernels != null || closed || !WideKernels.areAvailable()) return;
      KernelChoices.Kept kept = choices.choose(weights, workers);
      LOG.info("{} rows and more are multiplied by {} kernels", kept.fromRows(), kept.kind().id());
      kernels = WideKernels.make(weights, kept.choice(), workers);
      chosen = kept.kernel();
      for (AdapterWeights adapter : adapters) adapter.widen(workers);
    }

    synchronized void serve(AdapterWeights adapter) {
      adapters.add(adapter);
      if (kernels != null) adapter.widen(workers);
    }

    synchronized void forget(AdapterWeights adapter) {
      adapters.remove(adapter);
    }

    synchronized Optional<LongPromptKernel> chosen() {
      return Optional.ofNullable(chosen);
    }

    @Override
    public synchronized void close() {
      closed = true;
      adapters.forEach(AdapterWeights::free);
      adapters.clear();
      if (kernels != null) kernels.close();
    }
  }

  /** Has the JVM compile the kernels in the background, once in a process. */
  public static synchronized void rehearse(LoadOptions options) {
    if (rehearsal == null) rehearsal = Rehearsal.start(options.weights());
  }

  /**
   * Reads every weight from its file or from the cache of packed weights, and starts an engine. The
   * file may be closed afterwards.
   *
   * @param cache folder of what is kept between starts: packed weights, the choice of kernels; null
   *     to keep nothing
   * @param identity what tells this model's files from others and from earlier versions of
   *     themselves
   */
  public static Loaded load(
      Weights weights,
      Tokenizer tokenizer,
      LoadOptions options,
      @Nullable Path cache,
      String identity) {
    Precision precision = precision(options.weights(), weights);
    // full precision means the cache too
    EngineOptions engineOptions =
        precision == Precision.FP32 ? options.engine().withHalfCache(false) : options.engine();
    Arena arena = Arena.ofShared();
    EngineWeights packed =
        packed(weights, precision, arena, cache, precision.id() + " " + identity);
    var engine = new Engine(weights.config(), packed, tokenizer, engineOptions, weights.prompt());
    Rehearsal begun = rehearsal;
    if (begun != null) begun.finish();
    return new Loaded(engine, new Wide(packed, engine.threads(), choices(cache)), arena);
  }

  private static KernelChoices choices(@Nullable Path cache) {
    return new KernelChoices(cache == null ? null : cache.resolve("kernels"));
  }

  /**
   * Has the kernels of every model chosen anew when it is next loaded.
   *
   * @param cache see {@link #load}
   */
  public static void forgetKernels(Path cache) throws IOException {
    choices(cache).forget();
  }

  private static EngineWeights packed(
      Weights weights, Precision precision, Arena arena, @Nullable Path cache, String identity) {
    Path file =
        cache == null
            ? null
            : cache
                .resolve("packed")
                .resolve(UUID.nameUUIDFromBytes(identity.getBytes(UTF_8)) + ".tiles");
    try (var store = new TileStore(arena, file, identity)) {
      EngineWeights packed = EngineWeights.load(weights, precision, store);
      try {
        store.save();
      } catch (IOException full) {
        LOG.warn(
            "packed weights are not kept, so the next start packs them again: {}", full.toString());
      }
      return packed;
    }
  }

  /** The precision that weights will be kept in where so much was asked for, e.g. {@code int8}. */
  public static String weightsAt(WeightPrecision asked, Weights weights) {
    return precision(asked, weights).id();
  }

  private static Precision precision(WeightPrecision asked, Weights weights) {
    return switch (asked) {
      case FP32 -> Precision.FP32;
      case BF16 -> Precision.BF16;
      case INT8 -> Precision.INT8;
      case INT4 -> Precision.INT4;
      case AUTO ->
          // what an adapter adds is less than a step of 4 bits: it would be rounded away
          FOUR_BITS.contains(weights.layer(0).q().weight().stored().type())
                  && weights.linears().noneMatch(WeightTensor::isAdapted)
              ? Precision.INT4
              : Precision.INT8;
    };
  }
}
