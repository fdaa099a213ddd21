package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineTest {
  private TensorSource source;
  private Weights weights;
  private EngineLoader.Loaded loaded;

  @BeforeEach
  void open() throws IOException {
    Path folder = TestModels.folder("llama");
    source = SafetensorsFile.open(folder);
    weights = Weights.of(ModelConfig.fromJson(folder), source);
    loaded = load(EngineOptions.defaults());
  }

  @AfterEach
  void close() {
    loaded.close();
    source.close();
  }

  private EngineLoader.Loaded load(EngineOptions options) {
    return EngineLoader.load(
        weights,
        new Letters(weights.config().vocabulary()),
        new LoadOptions(WeightPrecision.FP32, options),
        null,
        "");
  }

  @Test
  void greedyAnswersAreThePlainTwinsLikeliestTokens() {
    int[] prompt = {5, 17, 3, 9};
    int[] answer = run(prompt, options(12)).tokens();
    int[] sequence = prompt.clone();
    for (int token : answer) {
      float[] logits = new PlainForward(weights).logits(sequence);
      int v = weights.config().vocabulary();
      int best = 0;
      for (int i = 0; i < v; i++) {
        if (logits[(sequence.length - 1) * v + i] > logits[(sequence.length - 1) * v + best])
          best = i;
      }
      assertThat(token).isEqualTo(best);
      sequence = Arrays.copyOf(sequence, sequence.length + 1);
      sequence[sequence.length - 1] = best;
    }
  }

  @Test
  void requestsTogetherAnswerAsEachAlone() {
    List<int[]> prompts = new ArrayList<>();
    List<int[]> alone = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      prompts.add(TransformerTest.tokens(1 + 13 * i, weights.config().vocabulary(), i));
      alone.add(run(prompts.get(i), options(10)).tokens());
    }
    List<Generation> together = new ArrayList<>();
    for (int[] prompt : prompts) {
      together.add(
          loaded
              .engine()
              .submit(new GenerationRequest(prompt, options(10), GenerationListener.NONE)));
    }
    for (int i = 0; i < prompts.size(); i++)
      assertThat(together.get(i).await().tokens()).isEqualTo(alone.get(i));
  }

  @Test
  void takesOverTheCacheOfAPromptThatBeganAlikeAndAnswersTheSame() {
    int[] prompt = TransformerTest.tokens(100, weights.config().vocabulary(), 1);
    GenerationResult first = run(prompt, options(8));
    GenerationResult second = run(prompt, options(8));
    assertThat(first.cachedTokens()).isZero();
    assertThat(second.cachedTokens()).isEqualTo(96);
    assertThat(second.tokens()).isEqualTo(first.tokens());
    assertThat(second.stats().promptTokensComputed()).isEqualTo(4);
  }

  @Test
  void answersAllWhenTheCacheHoldsOnlyAFewAtATime() {
    loaded.close();
    loaded = load(new EngineOptions(2, 0, 160, false, 64, 256, 32, true));
    List<int[]> prompts = new ArrayList<>();
    List<Generation> together = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      prompts.add(TransformerTest.tokens(40 + i, weights.config().vocabulary(), 50 + i));
      together.add(
          loaded
              .engine()
              .submit(new GenerationRequest(prompts.get(i), options(60), GenerationListener.NONE)));
    }
    List<int[]> answers = new ArrayList<>();
    for (Generation generation : together) answers.add(generation.await().tokens());
    for (int i = 0; i < 8; i++)
      assertThat(run(prompts.get(i), options(60)).tokens()).isEqualTo(answers.get(i));
  }

  @Test
  void theSameSeedDrawsTheSameAnswer() {
    int[] prompt = {1, 2, 3};
    int[] first = run(prompt, sampled(7)).tokens();
    assertThat(run(prompt, sampled(7)).tokens()).isEqualTo(first);
    assertThat(run(prompt, sampled(8)).tokens()).isNotEqualTo(first);
  }

  @Test
  void cancellingEndsAGenerationAndKeepsWhatItHas() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var listener =
        new GenerationListener() {
          @Override
          public void onText(String text, List<TokenInfo> tokens) {
            begun.countDown();
          }
        };
    Generation generation =
        loaded.engine().submit(new GenerationRequest(new int[] {4}, options(100), listener));
    begun.await();
    generation.cancel();
    GenerationResult result = generation.await();
    assertThat(result.finish()).isIn(Finish.CANCELLED, Finish.LENGTH);
    assertThat(result.tokens()).isNotEmpty();
  }

  @Test
  void scoresThePromptWhenAskedToEchoIt() {
    int[] prompt = TransformerTest.tokens(90, weights.config().vocabulary(), 4);
    List<TokenInfo> heard = new ArrayList<>();
    var listener =
        new GenerationListener() {
          @Override
          public void onPrompt(List<TokenInfo> tokens) {
            heard.addAll(tokens);
          }
        };
    var o =
        new GenerateOptions(0, 1f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, 2, true, false);
    GenerationResult result =
        loaded.engine().submit(new GenerationRequest(prompt, o, listener)).await();
    assertThat(result.tokens()).isEmpty();
    assertThat(heard).hasSize(90);
    assertThat(heard.get(0).logprob()).isNaN();
    float[] logits = new PlainForward(weights).logits(prompt);
    int v = weights.config().vocabulary();
    for (int i = 1; i < 90; i++) {
      double sum = 0;
      for (int t = 0; t < v; t++) sum += Math.exp(logits[(i - 1) * v + t]);
      double expected = logits[(i - 1) * v + prompt[i]] - Math.log(sum);
      assertThat((double) heard.get(i).logprob())
          .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-3));
      assertThat(heard.get(i).top()).hasSize(2);
    }
  }

  @Test
  void stopTextsEndTheAnswerAndAreNotPartOfIt() {
    String all = run(new int[] {5, 17, 3, 9}, options(30)).text();
    String stop = all.substring(10, 12);
    var o =
        new GenerateOptions(
            30, 0f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(stop), -1, -1, false, true);
    GenerationResult stopped = run(new int[] {5, 17, 3, 9}, o);
    assertThat(stopped.finish()).isEqualTo(Finish.STOP);
    assertThat(stopped.text()).isEqualTo(all.substring(0, all.indexOf(stop)));
  }

  @Test
  void aHookThatDropsOldSlotsBoundsTheCache() {
    var hook =
        new SequenceHook() {
          @Override
          public boolean evicts() {
            return true;
          }

          @Override
          public void afterStep(Step step, CacheView cache) {
            for (int layer = 0; layer < cache.layers(); layer++) {
              int slots = cache.slots(layer);
              if (slots <= 20) continue;
              int[] kept = new int[20];
              for (int i = 0; i < 20; i++) kept[i] = slots - 20 + i;
              cache.keep(layer, kept);
              assertThat(cache.position(layer, 19))
                  .isEqualTo(step.positions()[step.positions().length - 1]);
            }
          }
        };
    GenerationResult result =
        loaded
            .engine()
            .submit(
                new GenerationRequest(
                    new int[] {1, 2, 3, 4, 5}, options(60), hook, GenerationListener.NONE))
            .await();
    assertThat(result.tokens()).hasSize(60);
    assertThat(result.stats().kvSlots()).isEqualTo(20);
  }

  @Test
  void aHookThatSeesEverythingChangesNothing() {
    int[] prompt = TransformerTest.tokens(50, weights.config().vocabulary(), 2);
    List<Float> sums = new ArrayList<>();
    var hook =
        new SequenceHook() {
          @Override
          public boolean watches(int layer) {
            return true;
          }

          @Override
          public void onAttention(int layer, Step step, AttentionRow row) {
            float sum = 0;
            for (int s = 0; s < row.slots(); s++) sum += row.weight(0, s);
            synchronized (sums) {
              sums.add(sum);
            }
          }

          @Override
          public boolean prunes(int layer) {
            return true;
          }
        };
    int[] plain = run(prompt, options(10)).tokens();
    int[] watched =
        loaded
            .engine()
            .submit(new GenerationRequest(prompt, options(10), hook, GenerationListener.NONE))
            .await()
            .tokens();
    assertThat(watched).isEqualTo(plain);
    assertThat(sums).hasSize(10 * weights.config().layers());
    assertThat(sums)
        .allSatisfy(
            sum -> assertThat(sum).isCloseTo(1f, org.assertj.core.data.Offset.offset(1e-4f)));
  }

  @Test
  void refusesPromptsThatDoNotFitOrAreNoTokens() {
    int context = loaded.engine().context();
    assertThatThrownBy(() -> run(new int[context], options(1)))
        .isInstanceOf(ContextTooLongException.class)
        .hasMessageContaining(context + " tokens");
    assertThatThrownBy(() -> run(new int[0], options(1))).hasMessageContaining("no tokens");
    assertThatThrownBy(() -> run(new int[] {-1}, options(1))).hasMessageContaining("vocabulary");
  }

  private GenerationResult run(int[] prompt, GenerateOptions options) {
    return loaded
        .engine()
        .submit(new GenerationRequest(prompt, options, GenerationListener.NONE))
        .await();
  }

  private static GenerateOptions options(int maxTokens) {
    return new GenerateOptions(
        maxTokens, 0f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, true);
  }

  private static GenerateOptions sampled(long seed) {
    return new GenerateOptions(
        20, 1f, 0.95f, 40, 0f, 1.1f, 0.1f, 0.1f, Map.of(), List.of(), seed, -1, false, true);
  }

  /** Every token is a letter of its own. */
  record Letters(int vocabularySize) implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
      return text.chars().map(c -> c - 'A').toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
      var text = new StringBuilder();
      for (int id : ids) text.append(token(id));
      return text.toString();
    }

    @Override
    public String token(int id) {
      return String.valueOf((char) ('A' + id));
    }

    @Override
    public byte[] bytes(int id) {
      return token(id).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public int bos() {
      return -1;
    }

    @Override
    public Set<Integer> eos() {
      return Set.of();
    }

    @Override
    public void close() {}
  }
}
