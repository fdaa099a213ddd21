package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.ModelFiles;
import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.Team;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.SoftPrompt;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptCacheTest {
  private static final LoadOptions FULL = LoadOptions.defaults().withWeights(WeightPrecision.FP32);

  @TempDir Path folder;

  /** Real tokens in the place of a soft prompt, before, at and after the end of a page. */
  @ParameterizedTest
  @CsvSource({"llama, 5", "llama, 32", "qwen3, 40", "gpt2, 7", "mistral, 33"})
  void whatTokensAreReadAsIsTheSameAsASoftPrompt(String family, int n) throws Exception {
    ModelFiles files = ModelFiles.open(TestModels.withChat(family, folder.resolve("model")));
    int[] tokens = new int[n + 20];
    Arrays.setAll(tokens, i -> (i * 37 + 11) % files.weights().config().vocabulary());
    int[] after = Arrays.copyOfRange(tokens, n, tokens.length);
    float[][] expected;
    List<Integer> answer;
    try (EngineLoader.Loaded plain = load(files, files.weights())) {
      expected = plain.engine().logProbs(tokens);
      answer = answer(plain.engine(), tokens);
    }
    int[] before = Arrays.copyOf(tokens, n);
    for (SoftPrompt prompt :
        List.of(embeddings(files.weights(), before), prefix(files.weights(), before))) {
      try (EngineLoader.Loaded loaded = load(files, files.weights().behind(prompt))) {
        for (int round = 0; round < 2; round++) {
          float[][] rows = loaded.engine().logProbs(after);
          for (int i = 0; i < rows.length; i++) {
            assertThat(rows[i]).as("row " + i).containsExactly(expected[n + i], within(1e-4f));
          }
          assertThat(answer(loaded.engine(), after)).isEqualTo(answer);
        }
      }
    }
    files.closeWeights();
  }

  @Test
  void requestsSideBySideShareIt() throws Exception {
    ModelFiles files = ModelFiles.open(TestModels.withChat("llama", folder.resolve("model")));
    int[] before = {5, 6, 7, 8, 9};
    SoftPrompt prompt = embeddings(files.weights(), before);
    try (EngineLoader.Loaded loaded = load(files, files.weights().behind(prompt))) {
      List<Integer> alone = answer(loaded.engine(), new int[] {1, 2, 3});
      List<Generation> many = new ArrayList<>();
      for (int i = 0; i < 5; i++) many.add(submit(loaded.engine(), new int[] {1, 2, 3}));
      for (Generation one : many) assertThat(ids(one)).isEqualTo(alone);
    }
    files.closeWeights();
  }

  @Test
  void onesOfAnotherWidthAreRefused() throws Exception {
    ModelFiles files = ModelFiles.open(TestModels.tinyChat());
    assertThatThrownBy(
            () -> files.weights().behind(new SoftPrompt.Embeddings(2, new float[2 * 65])))
        .hasMessageContaining("soft prompt")
        .hasMessageContaining("64 a position");
    files.closeWeights();
  }

  private static EngineLoader.Loaded load(ModelFiles files, Weights weights) {
    return EngineLoader.load(weights, files.text().tokenizer(), FULL, null, "");
  }

  private static List<Integer> answer(Engine engine, int[] tokens) {
    return ids(submit(engine, tokens));
  }

  private static Generation submit(Engine engine, int[] tokens) {
    return engine.submit(
        new GenerationRequest(tokens, GenerateOptions.greedy(4), GenerationListener.NONE));
  }

  private static List<Integer> ids(Generation generation) {
    return Arrays.stream(generation.await().tokens()).boxed().toList();
  }

  private static SoftPrompt embeddings(Weights weights, int[] tokens) {
    int width = weights.config().width();
    float[] rows = new float[tokens.length * width];
    for (int i = 0; i < tokens.length; i++) {
      weights.tokenEmbedding().read(tokens[i], 1, rows, i * width);
    }
    return new SoftPrompt.Embeddings(tokens.length, rows);
  }

  /** What the engine keeps of the tokens. */
  private static SoftPrompt prefix(Weights weights, int[] tokens) {
    ModelConfig c = weights.config();
    int n = tokens.length;
    float[] rows = new float[n * 2 * c.layers() * c.kvWidth()];
    try (Arena arena = Arena.ofShared();
        Team team = new Team(1)) {
      EngineWeights packed = EngineWeights.pack(weights, Precision.FP32, arena);
      var pages = new KvPages(false, c.kvHeads(), c.headDim(), 2 * c.layers(), arena);
      var transformer = new Transformer(c, packed, pages, team);
      var cache = new SequenceCache(new PagePool(pages), c.layers());
      transformer.run(
          new Batch(List.of(new Batch.Part(cache, SequenceHook.NONE, tokens, 0, new boolean[n]))));
      for (int layer = 0; layer < c.layers(); layer++) {
        for (int i = 0; i < n; i++) {
          for (int head = 0; head < c.kvHeads(); head++) {
            int key = (i * c.layers() + layer) * 2 * c.kvWidth() + head * c.headDim();
            pages.read(
                cache.page(layer, i), i % KvPages.SLOTS, head, rows, key, rows, key + c.kvWidth());
          }
        }
      }
    }
    return new SoftPrompt.Prefix(n, rows);
  }
}
