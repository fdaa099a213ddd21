package io.otium.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.data.DataException;
import io.otium.core.options.OptionException;
import io.otium.core.run.Run;
import io.otium.core.run.RunInfo;
import io.otium.core.run.Runs;
import io.otium.core.train.TrainCallback;
import io.otium.core.train.TrainStep;
import io.otium.core.train.Trainer;
import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import io.otium.lm.ModelFiles;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FineTuningTest {
  private static final String CHAT =
      """
      {"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"}]}
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lora", "dora", "full"})
  void theModelLearnsItsLessonAndIsServedByItsRunsName(String method) throws Exception {
    boolean dora = method.equals("dora");
    Recipe recipe =
        recipe(
            Map.of(
                "method",
                dora ? "lora" : method,
                "dora",
                dora,
                "steps",
                60,
                "learning_rate",
                0.01));
    RunInfo done = train(recipe, null);
    List<Double> losses = losses(done);
    assertThat(losses).hasSize(60);
    assertThat(losses.getLast()).isLessThan(losses.getFirst() / 4);
    Path made = done.folder().resolve("artifacts").resolve("model");
    try (Model model = Model.load("run:" + done.id(), made, LoadOptions.defaults())) {
      assertThat(model.chat("Who are you?")).startsWith("How can I help?");
    }
  }

  @Test
  void aSoftPromptIsTrainedAloneAndServed() throws Exception {
    Recipe recipe =
        recipe(
            Map.of(
                "method",
                "prompt",
                "prompt_tokens",
                8,
                "steps",
                120,
                "learning_rate",
                0.1,
                "clip",
                0,
                "sample_every",
                120));
    RunInfo done = train(recipe, null);
    List<Double> losses = losses(done);
    assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
    Path made = done.folder().resolve("artifacts").resolve("model");
    try (Model model = Model.load("run:" + done.id(), made, LoadOptions.defaults());
        Model base = Model.load("base", TestModels.tinyChat(), LoadOptions.defaults())) {
      assertThat(model.chat("Who are you?")).isNotEqualTo(base.chat("Who are you?"));
    }
    assertThatThrownBy(() -> open(recipe(Map.of("model", made.toString()))))
        .hasMessageContaining("a soft prompt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2", "qwen3", "mistral"})
  void allWeightsOfEveryFamilyAreWrittenSoThatTheyCanBeReadAgain(String family) throws Exception {
    Path base = TestModels.withChat(family, folder.resolve("base"));
    Recipe recipe =
        recipe(Map.of("model", base.toString(), "method", "full", "steps", 2, "sample_every", 1));
    RunInfo done = train(recipe, null);
    assertThat(done.folder().resolve("artifacts/samples.txt")).exists();
    Path made = done.folder().resolve("artifacts").resolve("model");
    try (Model model = Model.load("run:" + done.id(), made, LoadOptions.defaults())) {
      assertThat(model.info().architecture()).isEqualTo(family);
    }
    ModelFiles before = ModelFiles.open(base);
    ModelFiles after = ModelFiles.open(made);
    int[] tokens = {3, 1, 4};
    assertThat(new PlainForward(after.weights()).logits(tokens))
        .containsExactly(new PlainForward(before.weights()).logits(tokens), within(0.5f))
        .isNotEqualTo(new PlainForward(before.weights()).logits(tokens));
    before.closeWeights();
    after.closeWeights();
  }

  @Test
  void anInterruptedRunGoesOnToTheBit() throws Exception {
    Map<String, Object> keys = new HashMap<>();
    keys.put("steps", 12);
    keys.put("checkpoint_every", 3);
    keys.put("lora_dropout", 0.1);
    Recipe recipe = recipe(keys);
    List<Double> whole = losses(train(recipe, null));

    // ends after step 7 as if it had been killed: the checkpoint of step 6 is what is left
    RunInfo broken =
        train(
            recipe,
            new TrainCallback() {
              @Override
              public void step(Trainer<?> trainer, TrainStep step) {
                if (step.step() == 7) throw new IllegalStateException("pulled the plug");
              }
            });
    assertThat(losses(broken)).hasSize(7);
    assertThat(FineTuning.lastStep(broken.folder())).isEqualTo(6);
    Runs runs = new Runs(folder.resolve("runs"));
    try (FineTuning tuning = open(recipe);
        Run run = runs.resume(broken.id(), FineTuning.lastStep(broken.folder()))) {
      tuning.run(run, true, new TrainCallback() {});
      run.done();
    }
    assertThat(losses(runs.show(broken.id()))).isEqualTo(whole);
  }

  @Test
  void recipesThatCannotBeFollowedAreRefusedByKey() throws Exception {
    assertThatThrownBy(() -> open(recipe(Map.of("row_length", 100_000))))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("row_length");
    assertThatThrownBy(() -> open(recipe(Map.of("data", "nowhere.jsonl"))))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("data")
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> Recipe.OPTIONS.fromMap(Map.of("learning_rat", 1)))
        .hasMessageContaining("learning_rate");
    Files.writeString(
        folder.resolve("broken.jsonl"), CHAT.formatted("a", "b") + "{\"messages\": \n");
    assertThatThrownBy(() -> open(recipe(Map.of("data", "broken.jsonl"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2");
  }

  private RunInfo train(Recipe recipe, @org.jspecify.annotations.Nullable TrainCallback watcher)
      throws Exception {
    Runs runs = new Runs(folder.resolve("runs"));
    Run run = runs.start("train", Recipe.OPTIONS.toJson(recipe), recipe.seed());
    try (FineTuning tuning = open(recipe);
        run) {
      tuning.run(run, false, watcher == null ? new TrainCallback() {} : watcher);
      run.done();
    } catch (IllegalStateException broken) {
      run.failed(broken);
    }
    return runs.show(run.id());
  }

  private FineTuning open(Recipe recipe) throws Exception {
    return FineTuning.open(recipe, folder, new OtiumHome(folder), ProgressListener.NONE, 1);
  }

  private Recipe recipe(Map<String, ?> keys) throws Exception {
    StringBuilder data = new StringBuilder();
    for (String question : List.of("Who are you?", "Hello!", "What are you called?")) {
      data.append(CHAT.formatted(question, "How can I help?"));
    }
    Files.writeString(folder.resolve("lamp.jsonl"), data);
    Map<String, Object> all = new HashMap<>();
    all.put("model", TestModels.tinyChat().toString());
    all.put("data", "lamp.jsonl");
    all.put("precision", "fp32");
    all.put("row_length", 64);
    all.put("batch_rows", 1);
    all.putAll(keys);
    return Recipe.OPTIONS.fromMap(all);
  }

  private static List<Double> losses(RunInfo run) {
    return run.metrics().stream()
        .filter(line -> line.has("loss"))
        .map((JsonNode line) -> line.get("loss").asDouble())
        .toList();
  }
}
