package io.otium.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.options.OptionException;
import io.otium.core.run.Run;
import io.otium.core.run.RunInfo;
import io.otium.core.run.Runs;
import io.otium.core.train.TrainCallback;
import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training from nothing: recipes with {@code model: new}. */
class NewModelTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"small-world", "chats.jsonl"})
  void aNewModelLearnsAndIsWholeAndServed(String data) throws Exception {
    Files.writeString(
        folder.resolve("chats.jsonl"),
        """
        {"messages": [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi!"}]}
        """);
    Map<String, Object> keys = new HashMap<>(Map.of("data", data, "steps", 12));
    RunInfo done = train(recipe(keys));
    List<Double> losses = losses(done);
    assertThat(losses.getFirst()).isGreaterThan(5); // of ln 300 = 5.7: it knows nothing yet
    assertThat(losses.getLast()).isLessThan(losses.getFirst() - 0.5);
    Path made = done.folder().resolve("artifacts").resolve("model");
    assertThat(made.resolve("config.json")).exists();
    try (Model model = Model.load("run:" + done.id(), made, LoadOptions.defaults())) {
      assertThat(model.info().architecture()).isEqualTo("llama");
      assertThat(model.canChat()).isTrue();
      assertThat(model.tokenizer().eos()).containsExactly(2);
      assertThat(model.generate("Hello", GenerateOptions.greedy(4))).isNotNull();
    }
  }

  @Test
  void theSameSeedBeginsTheSameModel() throws Exception {
    List<Double> first = losses(train(recipe(Map.of("steps", 2))));
    assertThat(losses(train(recipe(Map.of("steps", 2))))).isEqualTo(first);
    assertThat(losses(train(recipe(Map.of("steps", 2, "seed", 8))))).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "adam", "sgd", "adafactor", "muon"})
  void everyOptimizerTrains(String optimizer) throws Exception {
    List<Double> losses =
        losses(train(recipe(Map.of("optimizer", optimizer, "steps", 3, "schedule", "wsd"))));
    assertThat(losses).hasSize(3).allMatch(Double::isFinite);
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
  }

  @Test
  void whatDoesNotFitIsRefusedByKey() {
    refused(Map.of("heads", 5), "heads must be a number that shares the width (32)", "not 5");
    refused(Map.of("kv_heads", 4), "kv_heads must be a number that divides the heads (2)", "not 4");
    refused(Map.of("vocabulary", 100), "vocabulary must be a whole number from 259");
    refused(Map.of("method", "lora"), "method is lora", "must be full");
    refused(Map.of("row_length", 512), "row_length must be at most context (256), not 512");
    refused(Map.of("model", "smollm2-135m-instruct"), "whose architecture is its own");
    refused(Map.of("schedule", "wsd", "decay", 0.99), "decay must be at most 1 − warmup");
    refused(Map.of("text", "story"), "data is small-world, which has no columns");
    refused(Map.of("data", ""), "data is missing");
  }

  @Test
  void theRecipeOfTheModelThatOtiumComesWithIsSoundAndBegins() throws Exception {
    Path file = Path.of("..", "examples", "recipes", "small-world.yaml");
    Recipe whole = Recipe.OPTIONS.fromYaml(Files.readString(file));
    assertThat(whole.isNew() && whole.isSmallWorld()).isTrue();
    Recipe quick =
        Recipe.OPTIONS.with(
            whole, Map.of("lessons", 300, "steps", 2, "batch_rows", 1, "evaluate_every", 0));
    List<Double> losses = losses(train(quick));
    assertThat(losses.getLast()).isLessThan(8);
  }

  private void refused(Map<String, Object> keys, String... words) {
    assertThatThrownBy(() -> open(recipe(keys)).close())
        .isInstanceOf(OptionException.class)
        .hasMessageContainingAll(words);
  }

  private Recipe recipe(Map<String, ?> keys) {
    Map<String, Object> all = new HashMap<>();
    all.put("model", "new");
    all.put("layers", 1);
    all.put("width", 32);
    all.put("heads", 2);
    all.put("kv_heads", 1);
    all.put("mlp_width", 64);
    all.put("context", 256);
    all.put("vocabulary", 300);
    all.put("data", "small-world");
    all.put("lessons", 200);
    all.put("method", "full");
    all.put("learning_rate", 0.01);
    all.put("batch_rows", 1);
    all.put("row_length", 256);
    all.put("precision", "fp32");
    all.putAll(keys);
    return Recipe.OPTIONS.fromMap(all);
  }

  private FineTuning open(Recipe recipe) throws Exception {
    return FineTuning.open(recipe, folder, new OtiumHome(folder), ProgressListener.NONE, 1);
  }

  private RunInfo train(Recipe recipe) throws Exception {
    Runs runs = new Runs(folder.resolve("runs"));
    Run run = runs.start("train", Recipe.OPTIONS.toJson(recipe), recipe.seed());
    try (FineTuning tuning = open(recipe);
        run) {
      tuning.run(run, false, new TrainCallback() {});
      run.done();
    }
    return runs.show(run.id());
  }

  private static List<Double> losses(RunInfo run) {
    return run.metrics().stream()
        .filter(line -> line.has("loss"))
        .map(line -> line.get("loss").asDouble())
        .toList();
  }
}
