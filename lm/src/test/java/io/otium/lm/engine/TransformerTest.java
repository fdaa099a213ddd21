package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.Team;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTest {
  private static final int[][] CHUNKS = {{60}, {1, 59}, {33, 1, 1, 25}, {54, 6}};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama3",
        "llama-linear",
        "mistral",
        "qwen2",
        "qwen2-yarn",
        "qwen3",
        "gpt2"
      })
  void givesThePlainTwinsLogitsHoweverThePromptIsCut(String name) throws Exception {
    try (Loaded model = new Loaded(name, Precision.FP32, false, 3)) {
      int[] tokens = tokens(60, model.config.vocabulary(), 5);
      float[] expected = new PlainForward(model.plain).logits(tokens);
      for (int[] cut : CHUNKS) {
        SequenceCache cache = model.cache();
        int at = 0;
        for (int n : cut) {
          boolean[] wanted = new boolean[n];
          Arrays.fill(wanted, true);
          model.transformer.run(
              new Batch(
                  List.of(
                      new Batch.Part(
                          cache,
                          SequenceHook.NONE,
                          Arrays.copyOfRange(tokens, at, at + n),
                          at,
                          wanted))));
          for (int r = 0; r < n; r++) {
            assertClose(model, expected, at + r, model.transformer.logits(), r, 1e-4);
          }
          at += n;
        }
        cache.release();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen3"})
  void keepsSequencesOfABatchApart(String name) throws Exception {
    try (Loaded model = new Loaded(name, Precision.FP32, false, 2)) {
      List<SequenceCache> caches = new ArrayList<>();
      List<int[]> prompts = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        caches.add(model.cache());
        prompts.add(tokens(3 + 17 * i, model.config.vocabulary(), i));
      }
      int[] done = new int[5];
      for (int step = 0; step < 90; step++) {
        List<Batch.Part> parts = new ArrayList<>();
        List<Integer> members = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          int n = Math.min(1 + (step * (i + 1)) % 4, prompts.get(i).length - done[i]);
          if (n <= 0) continue;
          boolean[] wanted = new boolean[n];
          wanted[n - 1] = true;
          parts.add(
              new Batch.Part(
                  caches.get(i),
                  SequenceHook.NONE,
                  Arrays.copyOfRange(prompts.get(i), done[i], done[i] + n),
                  done[i],
                  wanted));
          members.add(i);
          done[i] += n;
        }
        if (parts.isEmpty()) break;
        model.transformer.run(new Batch(parts));
        for (int m = 0; m < members.size(); m++) {
          int i = members.get(m);
          if (done[i] < prompts.get(i).length) continue;
          float[] expected = new PlainForward(model.plain).logits(prompts.get(i));
          assertClose(model, expected, done[i] - 1, model.transformer.logits(), m, 1e-4);
        }
      }
      assertThat(done).containsExactly(prompts.stream().mapToInt(p -> p.length).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "gpt2"})
  void splitsALongCacheAmongWorkersWithoutChangingTheResult(String name) throws Exception {
    try (Loaded model = new Loaded(name, Precision.FP32, false, 3)) {
      int n = Math.min(model.config.context(), 300);
      int[] tokens = tokens(n, model.config.vocabulary(), 9);
      float[] expected = new PlainForward(model.plain).logits(tokens);
      SequenceCache cache = model.cache();
      model.transformer.run(
          new Batch(
              List.of(
                  new Batch.Part(
                      cache,
                      SequenceHook.NONE,
                      Arrays.copyOf(tokens, n - 1),
                      0,
                      new boolean[n - 1]))));
      model.transformer.run(
          new Batch(
              List.of(
                  new Batch.Part(
                      cache,
                      SequenceHook.NONE,
                      new int[] {tokens[n - 1]},
                      n - 1,
                      new boolean[] {true}))));
      assertClose(model, expected, n - 1, model.transformer.logits(), 0, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BF16", "INT8", "INT4"})
  void staysNearTheTwinAtLowerPrecision(Precision precision) throws Exception {
    try (Loaded model = new Loaded("llama", precision, true, 2)) {
      int[] tokens = tokens(70, model.config.vocabulary(), 5);
      float[] expected = new PlainForward(model.plain).logits(tokens);
      boolean[] wanted = new boolean[70];
      Arrays.fill(wanted, true);
      model.transformer.run(
          new Batch(List.of(new Batch.Part(model.cache(), SequenceHook.NONE, tokens, 0, wanted))));
      double tolerance = precision == Precision.INT4 ? 0.35 : 0.03;
      int v = model.config.vocabulary();
      double signal = 0;
      double noise = 0;
      for (int i = 0; i < 70 * v; i++) {
        double d =
            model.transformer.logits()[i / v * model.transformer.logitStride() + i % v]
                - expected[i];
        noise += d * d;
        signal += expected[i] * expected[i];
      }
      assertThat(Math.sqrt(noise / signal)).as("relative error").isLessThan(tolerance);
    }
  }

  private static void assertClose(
      Loaded model, float[] expected, int row, float[] logits, int at, double tolerance) {
    int v = model.config.vocabulary();
    for (int i = 0; i < v; i++) {
      assertThat((double) logits[at * model.transformer.logitStride() + i])
          .as("row %d, token %d", row, i)
          .isCloseTo(expected[row * v + i], org.assertj.core.data.Offset.offset(tolerance));
    }
  }

  static int[] tokens(int n, int vocabulary, long seed) {
    var random = new Random(seed);
    return random.ints(n, 0, vocabulary).toArray();
  }

  /** A small model in engine and plain form. */
  static final class Loaded implements AutoCloseable {
    final ModelConfig config;
    final Weights plain;
    final EngineWeights weights;
    final Transformer transformer;
    final PagePool pool;
    private final Arena arena = Arena.ofShared();
    private final Team team;
    private final TensorSource source;

    Loaded(String name, Precision precision, boolean halfCache, int threads) throws Exception {
      Path folder = TestModels.folder(name);
      source = io.otium.lm.format.SafetensorsFile.open(folder);
      config = ModelConfig.fromJson(folder);
      plain = Weights.of(config, source);
      weights = EngineWeights.pack(plain, precision, arena);
      team = new Team(threads);
      var pages =
          new KvPages(halfCache, config.kvHeads(), config.headDim(), 64 * config.layers(), arena);
      pool = new PagePool(pages);
      transformer = new Transformer(config, weights, pages, team);
    }

    SequenceCache cache() {
      return new SequenceCache(pool, config.layers());
    }

    @Override
    public void close() {
      team.close();
      source.close();
      arena.close();
    }
  }
}
