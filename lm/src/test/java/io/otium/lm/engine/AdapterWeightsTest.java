package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.adapter.AdapterFiles.Update;
import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterWeightsTest {
  /** Adapters of different ranks, of different products; the third request has none. */
  private static final List<List<String>> TARGETS =
      List.of(
          List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
          List.of("v_proj", "down_proj"));

  private static final int[] RANKS = {16, 3};

  @ParameterizedTest
  @CsvSource({"llama, false", "llama, true", "qwen2, false", "gpt2, false", "gpt2, true"})
  void requestsTogetherGetTheLogitsOfTheirMergedModels(String name, boolean wide) throws Exception {
    try (Opened model = new Opened(name)) {
      if (wide) model.loaded.warmUp();
      List<int[]> prompts =
          List.of(tokens(40, model, 1), tokens(9, model, 2), tokens(30, model, 3));
      List<@Nullable AdapterWeights> adapters = new ArrayList<>();
      for (Map<String, Update> updates : model.updates) adapters.add(model.loaded.add(updates));
      adapters.add(null);
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        var request = new GenerationRequest(prompts.get(i), options(6), GenerationListener.NONE);
        AdapterWeights adapter = adapters.get(i);
        running.add(
            model.loaded.engine().submit(adapter == null ? request : request.with(adapter)));
      }
      for (int i = 0; i < 3; i++) {
        Weights merged = i == 2 ? model.weights : model.weights.with(model.updates.get(i));
        assertThat(running.get(i).await().tokens())
            .as("request %d", i)
            .containsExactly(greedy(merged, prompts.get(i), 6));
        float[][] own = model.loaded.engine().logProbs(prompts.get(i), adapters.get(i));
        assertClose(own, logProbs(merged, prompts.get(i)));
      }
    }
  }

  @Test
  void whatWasReadWithAnAdapterIsNotTakenForWhatWasReadWithout() throws Exception {
    try (Opened model = new Opened("llama")) {
      int[] prompt = tokens(60, model, 4);
      AdapterWeights adapter = model.loaded.add(model.updates.getFirst());
      var request = new GenerationRequest(prompt, options(6), GenerationListener.NONE);
      var engine = model.loaded.engine();
      assertThat(engine.submit(request).await().cachedTokens()).isZero();
      assertThat(engine.submit(request.with(adapter)).await().cachedTokens()).isZero();
      assertThat(engine.submit(request).await().cachedTokens()).isPositive();
      var again = engine.submit(request.with(adapter)).await();
      assertThat(again.cachedTokens()).isPositive();
      assertThat(again.tokens())
          .containsExactly(
              greedy(model.weights.with(model.updates.getFirst()), prompt, again.tokens().length));
    }
  }

  @Test
  void anAdapterThatIsDroppedEndsItsOwnRequestsAndNoOthers() throws Exception {
    try (Opened model = new Opened("llama")) {
      AdapterWeights adapter = model.loaded.add(model.updates.getFirst());
      var begun = new CountDownLatch(1);
      GenerationListener slow =
          new GenerationListener() {
            @Override
            public void onText(String text, List<TokenInfo> tokens) {
              begun.countDown();
            }
          };
      GenerateOptions many = options(120);
      var engine = model.loaded.engine();
      Generation with =
          engine.submit(new GenerationRequest(tokens(5, model, 5), many, slow).with(adapter));
      Generation without = engine.submit(new GenerationRequest(tokens(5, model, 6), many, slow));
      begun.await();
      model.loaded.drop(adapter);
      assertThat(with.await().finish()).isIn(Finish.CANCELLED, Finish.LENGTH);
      assertThat(without.await().finish()).isEqualTo(Finish.LENGTH);
      var late = new GenerationRequest(tokens(5, model, 7), many, slow).with(adapter);
      assertThatThrownBy(() -> engine.submit(late)).hasMessageContaining("unloaded");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.layers.0.mlp.gate_proj", "model.layers.99.mlp.up_proj"})
  void updatesThatFitNoProductAreRefused(String product) throws Exception {
    try (Opened model = new Opened("gpt2")) {
      var update = new Update(new float[8], new float[8], 1, 8, 1);
      assertThatThrownBy(() -> model.loaded.add(Map.of(product, update)))
          .hasMessage("the adapter changes " + product + ", which this model has not");
    }
    try (Opened model = new Opened("llama")) {
      var update = new Update(new float[8], new float[8], 1, 8, 1);
      assertThatThrownBy(() -> model.loaded.add(Map.of("model.layers.0.self_attn.q_proj", update)))
          .hasMessageContaining("a product of 8 × 8 numbers where this model's is");
    }
  }

  private static GenerateOptions options(int maxTokens) {
    return new GenerateOptions(
        maxTokens, 0f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, true);
  }

  private static int[] greedy(Weights weights, int[] prompt, int count) {
    int v = weights.config().vocabulary();
    int[] sequence = prompt.clone();
    for (int i = 0; i < count; i++) {
      float[] logits = new PlainForward(weights).logits(sequence);
      int best = 0;
      int at = (sequence.length - 1) * v;
      for (int t = 0; t < v; t++) if (logits[at + t] > logits[at + best]) best = t;
      sequence = Arrays.copyOf(sequence, sequence.length + 1);
      sequence[sequence.length - 1] = best;
    }
    return Arrays.copyOfRange(sequence, prompt.length, sequence.length);
  }

  private static float[][] logProbs(Weights weights, int[] tokens) {
    int v = weights.config().vocabulary();
    float[] logits = new PlainForward(weights).logits(tokens);
    float[][] rows = new float[tokens.length][];
    for (int r = 0; r < tokens.length; r++) {
      float[] row = Arrays.copyOfRange(logits, r * v, (r + 1) * v);
      double sum = 0;
      for (float logit : row) sum += Math.exp(logit);
      for (int i = 0; i < v; i++) row[i] = (float) (row[i] - Math.log(sum));
      rows[r] = row;
    }
    return rows;
  }

  private static void assertClose(float[][] actual, float[][] expected) {
    assertThat(actual).hasDimensions(expected.length, expected[0].length);
    for (int r = 0; r < expected.length; r++) {
      for (int i = 0; i < expected[r].length; i++) {
        assertThat(actual[r][i])
            .as("row %d, token %d", r, i)
            .isCloseTo(expected[r][i], within(1e-3f));
      }
    }
  }

  private static int[] tokens(int n, Opened model, long seed) {
    return new Random(seed).ints(n, 1, model.weights.config().vocabulary()).toArray();
  }

  /** A model at fp32, and updates that change it visibly. */
  private static final class Opened implements AutoCloseable {
    final TensorSource source;
    final Weights weights;
    final EngineLoader.Loaded loaded;
    final List<Map<String, Update>> updates = new ArrayList<>();

    Opened(String name) throws Exception {
      Path folder = TestModels.folder(name);
      source = TensorSource.open(folder);
      weights = Weights.of(ModelConfig.fromJson(folder), source);
      loaded =
          EngineLoader.load(
              weights,
              new EngineTest.Letters(weights.config().vocabulary()),
              new LoadOptions(WeightPrecision.FP32, EngineOptions.defaults()),
              null,
              "");
      for (int i = 0; i < RANKS.length; i++) updates.add(updates(TARGETS.get(i), RANKS[i], i));
    }

    private Map<String, Update> updates(List<String> targets, int rank, long seed) {
      ModelConfig c = weights.config();
      var random = new Random(seed);
      Map<String, Update> updates = new LinkedHashMap<>();
      for (int l = 0; l < c.layers(); l++) {
        for (String target : targets) {
          if (target.equals("gate_proj") && !c.gatedMlp()) continue;
          boolean mlp = target.matches("gate.*|up.*|down.*");
          int inputs =
              target.startsWith("down")
                  ? c.mlpWidth()
                  : target.startsWith("o") ? c.queryWidth() : c.width();
          int outputs =
              switch (target) {
                case "q_proj" -> c.queryWidth();
                case "k_proj", "v_proj" -> c.kvWidth();
                case "gate_proj", "up_proj" -> c.mlpWidth();
                default -> c.width();
              };
          updates.put(
              "model.layers." + l + (mlp ? ".mlp." : ".self_attn.") + target,
              new Update(
                  random(random, rank * inputs),
                  random(random, outputs * rank),
                  rank,
                  inputs,
                  0.5));
        }
      }
      return updates;
    }

    private static float[] random(Random random, int n) {
      float[] numbers = new float[n];
      for (int i = 0; i < n; i++) numbers[i] = (float) random.nextGaussian() * 0.1f;
      return numbers;
    }

    @Override
    public void close() {
      loaded.close();
      source.close();
    }
  }
}
