package io.otium.lm.engine;

import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Memory;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.Team;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.engine.kernel.TilePacker;
import io.otium.lm.model.Activation;
import io.otium.lm.model.Architecture;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.ModelConfig.Norm;
import io.otium.lm.model.Rope;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A tiny model of no meaning that runs while a real one is being read, so that the first answer
 * finds its kernels compiled. Before the JVM's last compiler has seen a kernel it runs a hundred
 * times slower; on a tiny model that is soon over.
 */
final class Rehearsal {
  private static final int WIDTH = 64;
  private static final int MLP = 128;
  private static final int VOCABULARY = 64;
  private static final int LAYERS = 2;
  private static final int PROMPT = 4;

  /** Seconds of a pass below which its kernels are compiled; before, it takes ten times as long. */
  private static final double HOT = 3e-3;

  /** So many quick passes in a row are no accident. */
  private static final int ENOUGH = 5;

  /** Longer than it takes on a machine with nothing to spare. */
  private static final int MOST_SECONDS = 4;

  private final CountDownLatch hot = new CountDownLatch(1);
  private volatile boolean stopped;
  private volatile int passes;

  private Rehearsal() {}

  /** Begins in the background. */
  static Rehearsal start(WeightPrecision weights) {
    var rehearsal = new Rehearsal();
    Thread.ofPlatform().name("otium-rehearsal").daemon().start(() -> rehearsal.run(weights));
    return rehearsal;
  }

  /** Returns when the kernels are compiled, or not worth waiting for any longer; then ends. */
  void finish() {
    try {
      boolean ignored = hot.await(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    stopped = true;
  }

  /** Passes that went through so far. */
  int passes() {
    return passes;
  }

  private void run(WeightPrecision weights) {
    try (Arena arena = Arena.ofShared();
        var team = new Team(1)) {
      ModelConfig config = config();
      var pages = new KvPages(true, config.kvHeads(), config.headDim(), 4 * LAYERS, arena);
      var transformer = new Transformer(config, weights(config, weights, arena), pages, team);
      var pool = new PagePool(pages);
      int quick = 0;
      while (!stopped && quick < ENOUGH) {
        long begin = System.nanoTime();
        pass(transformer, pool);
        passes = passes + 1; // only this thread writes it
        double seconds = (System.nanoTime() - begin) / 1e9;
        quick = seconds < HOT ? quick + 1 : 0;
      }
    } finally {
      hot.countDown();
    }
  }

  private static void pass(Transformer transformer, PagePool pool) {
    var cache = new SequenceCache(pool, LAYERS);
    int[] prompt = new int[PROMPT];
    for (int i = 0; i < PROMPT; i++) prompt[i] = i;
    float[] logits = transformer.logits(cache, prompt, 0);
    int next = Elementwise.argMax(logits, 0, VOCABULARY);
    for (int i = 0; i < 2; i++) {
      logits = transformer.logits(cache, new int[] {next}, PROMPT + i);
      next = Elementwise.argMax(logits, 0, VOCABULARY);
    }
    cache.release();
  }

  private static ModelConfig config() {
    return new ModelConfig(
        Architecture.LLAMA,
        LAYERS,
        WIDTH,
        3,
        1,
        WIDTH,
        MLP,
        VOCABULARY,
        64,
        Norm.RMS,
        1e-5f,
        true,
        Activation.SILU,
        true,
        new Rope(10_000, new Rope.Unscaled()),
        false,
        false,
        false,
        false,
        true,
        1,
        0,
        0,
        true,
        -1,
        List.of());
  }

  private static EngineWeights weights(ModelConfig c, WeightPrecision asked, Arena arena) {
    Precision precision =
        switch (asked) {
          case FP32 -> Precision.FP32;
          case BF16 -> Precision.BF16;
          case INT8 -> Precision.INT8;
          // files of 4 bits are what asks for most kernels
          case INT4, AUTO -> Precision.INT4;
        };
    var norm = new EngineWeights.Scale(ones(WIDTH), new float[WIDTH]);
    List<EngineWeights.Layer> layers = new ArrayList<>();
    for (int l = 0; l < LAYERS; l++) {
      layers.add(
          new EngineWeights.Layer(
              norm,
              linear(precision, c.queryWidth() + 2 * c.kvWidth(), WIDTH, arena),
              null,
              null,
              linear(precision, WIDTH, c.queryWidth(), arena),
              norm,
              linear(precision, 2 * MLP, WIDTH, arena),
              linear(precision, WIDTH, MLP, arena)));
    }
    Precision last = precision == Precision.INT4 ? Precision.INT8 : precision;
    Linear output = linear(last, VOCABULARY, WIDTH, arena);
    return new EngineWeights(
        output.tiles(), null, layers, norm, output, 0, new EngineWeights.Wideness());
  }

  private static Linear linear(Precision precision, int outputs, int inputs, Arena arena) {
    TilePacker.Rows rows =
        (output, out, at) -> {
          for (int i = 0; i < inputs; i++) out[at + i] = ((output * 31 + i * 17) % 64 - 32) / 512f;
        };
    var memory = Memory.allocate(arena, TileMatrix.bytes(precision, outputs, inputs));
    return new Linear(TilePacker.pack(precision, outputs, inputs, rows, memory), null);
  }

  private static float[] ones(int n) {
    float[] ones = new float[n];
    Arrays.fill(ones, 1f);
    return ones;
  }
}
