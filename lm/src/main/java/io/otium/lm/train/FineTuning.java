package io.otium.lm.train;

import io.otium.core.checkpoint.CheckpointInfo;
import io.otium.core.checkpoint.CheckpointOptions;
import io.otium.core.checkpoint.Checkpointer;
import io.otium.core.checkpoint.Checkpoints;
import io.otium.core.checkpoint.LoadedCheckpoint;
import io.otium.core.data.DataException;
import io.otium.core.data.DataFile;
import io.otium.core.data.Order;
import io.otium.core.data.Split;
import io.otium.core.optim.Optimizer;
import io.otium.core.optim.ParameterGroup;
import io.otium.core.optim.Schedule;
import io.otium.core.options.OptionException;
import io.otium.core.run.Run;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.Threads;
import io.otium.core.train.TrainCallback;
import io.otium.core.train.TrainStep;
import io.otium.core.train.Trainer;
import io.otium.core.train.TrainerOptions;
import io.otium.lm.LoadOptions;
import io.otium.lm.ModelFiles;
import io.otium.lm.TrainedFiles;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.PromptTuning;
import io.otium.lm.adapter.Tuning;
import io.otium.lm.data.DataColumns;
import io.otium.lm.data.PackedRows;
import io.otium.lm.data.PackingOptions;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.data.TokenCache;
import io.otium.lm.data.TokenDocuments;
import io.otium.lm.engine.EngineLoader;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.format.TensorType;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ChunkedLoss;
import io.otium.lm.model.LiveWeights;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Weights;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.train.Recipe.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's run: model, data, optimizer and loop put together. What is wrong with the recipe is
 * said by {@link #open}, before a weight is read.
 */
public final class FineTuning implements AutoCloseable {
  /** Where a run's folder keeps checkpoints, beside its artifacts. */
  private static final String CHECKPOINTS = "checkpoints";

  private static final String MODEL = "model";
  private static final int SAMPLE_TOKENS = 64;

  private final Recipe recipe;
  private final ModelFiles files;
  private final @Nullable NewModelFiles fresh;
  private final TokenCache tokens;
  private final @Nullable TokenCache validation;
  private final TokenDocuments training;
  private final TokenDocuments held;
  private final PackedRows rows;
  private final long steps;
  private final int processors;

  private FineTuning(
      Recipe recipe,
      ModelFiles files,
      @Nullable NewModelFiles fresh,
      TokenCache tokens,
      @Nullable TokenCache validation,
      TokenDocuments training,
      TokenDocuments held,
      int processors) {
    this.recipe = recipe;
    this.files = files;
    this.fresh = fresh;
    this.tokens = tokens;
    this.validation = validation;
    this.training = training;
    this.held = held;
    this.rows = rows(training, recipe.seed());
    this.steps = recipe.steps() > 0 ? recipe.steps() : stepsOfEpochs();
    this.processors = processors;
  }

  /**
   * Finds the model and reads and tokenises the data.
   *
   * @param base folder that a relative data file is sought in
   * @param processors that training may use
   * @throws OptionException for a recipe that cannot be followed, naming its key
   * @throws DataException for data that cannot be trained on, naming the line or column
   * @throws IOException if the model cannot be read
   */
  public static FineTuning open(
      Recipe recipe, Path base, OtiumHome home, ProgressListener progress, int processors)
      throws IOException {
    TrainingText text = text(recipe, base);
    String evaluated = recipe.validation();
    TrainingText other =
        evaluated == null
            ? null
            : new FileText(file("validation", evaluated, base), columns(recipe));
    NewModelFiles fresh =
        recipe.isNew()
            ? NewModelFiles.of(recipe.architecture(), text, home.cache().resolve("tokenizers"))
            : null;
    ModelFiles files =
        fresh == null
            ? ModelFiles.open(Models.at(home).resolve(recipe.model(), progress))
            : fresh.open(recipe.seed());
    try {
      ModelConfig config = files.weights().config();
      if (!config.causal() || !config.preNorm()) {
        throw OptionException.refused(
            "model",
            "is " + recipe.model() + ", an encoder; only models that write can be trained");
      }
      if (files.weights().prompt() != null) {
        throw OptionException.refused(
            "model", "is " + recipe.model() + ", a soft prompt; train the model that it is for");
      }
      if (recipe.method() == Method.PROMPT
          && recipe.rowLength() + recipe.promptTokens() > config.context()) {
        throw OptionException.refused(
            "prompt_tokens",
            "is %,d; with rows of %,d tokens that is more than the %,d that %s reads"
                .formatted(
                    recipe.promptTokens(), recipe.rowLength(), config.context(), recipe.model()));
      }
      if (recipe.rowLength() > config.context()) {
        throw OptionException.refused(
            "row_length",
            "is %,d; %s reads at most %,d tokens"
                .formatted(recipe.rowLength(), recipe.model(), config.context()));
      }
      Path cache = home.cache().resolve("tokens");
      TokenCache tokens = text.tokens(cache, files.text());
      TokenCache validation = other == null ? null : other.tokens(cache, files.text());
      Split split = Split.of(tokens.size(), recipe.heldOut(), recipe.seed());
      return new FineTuning(
          recipe,
          files,
          fresh,
          tokens,
          validation,
          tokens.select(split.train()),
          validation == null ? tokens.select(split.heldOut()) : validation,
          processors);
    } catch (RuntimeException refused) {
      files.closeWeights();
      throw refused;
    }
  }

  private static TrainingText text(Recipe recipe, Path base) {
    if (recipe.isSmallWorld()) {
      if (!columns(recipe).equals(DataColumns.BY_NAME)) {
        throw OptionException.refused(
            "data", "is small-world, which has no columns to name: leave them out");
      }
      return new SmallWorldText(recipe.lessons(), recipe.seed());
    }
    if (recipe.data().isEmpty()) {
      throw OptionException.refused(
          "data", "is missing: name a JSONL, CSV or Parquet file, or small-world");
    }
    return new FileText(file("data", recipe.data(), base), columns(recipe));
  }

  private static DataColumns columns(Recipe recipe) {
    return new DataColumns(recipe.messages(), recipe.prompt(), recipe.completion(), recipe.text());
  }

  private static DataFile file(String key, String name, Path base) {
    Path path = base.resolve(name);
    if (!Files.isRegularFile(path)) {
      throw OptionException.refused(key, "is " + name + ", and there is no such file");
    }
    return DataFile.open(path);
  }

  private PackedRows rows(TokenDocuments documents, long seed) {
    return new PackedRows(
        documents,
        Order.shuffled(documents.size(), seed),
        new PackingOptions(
            recipe.rowLength(),
            PackingOptions.DEFAULTS.packing(),
            PackingOptions.DEFAULTS.tooLong()),
        recipe.batchRows(),
        seed);
  }

  private long stepsOfEpochs() {
    long batches = 0;
    for (int epoch = 0; epoch < recipe.epochs(); epoch++) batches += rows.batches(epoch);
    return Math.max(1, batches / recipe.accumulate());
  }

  /** Updates of the whole run. */
  public long steps() {
    return steps;
  }

  /** Documents that are trained on. */
  public int documents() {
    return training.size();
  }

  /** Tokens of all documents. */
  public long tokens() {
    return tokens.tokens();
  }

  /**
   * Trains, and leaves the result in the run's {@code artifacts/model}.
   *
   * @param resume go on from the newest checkpoint in the run's folder, if there is one
   * @param watcher is called as the loop's last callback
   * @throws io.otium.core.train.DivergedException if a loss is no number
   */
  public void run(Run run, boolean resume, TrainCallback watcher) throws IOException {
    run.steps(steps);
    run.log(
        String.format(
            Locale.ROOT, "%,d documents, %,d tokens, %,d updates", documents(), tokens(), steps));
    DType type = recipe.precision() == Recipe.Precision.BF16 ? DType.BF16 : DType.F32;
    var randomness = new Randomness(recipe.seed());
    try (var _ = new Threads(processors);
        AutogradModel model = AutogradModel.of(files.weights(), type)) {
      Tuning tuning = tuning(model, randomness);
      model.requiresGrad(tuning == null);
      Map<String, Tensor> parameters =
          tuning == null ? new LinkedHashMap<>(model.parameters()) : tuning.parameters();
      List<ParameterGroup> groups = recipe.updates().groups(parameters, FineTuning::isOuter);
      CheckpointOptions saving =
          CheckpointOptions.every(recipe.checkpointEvery())
              .with(Map.of("keep_last", recipe.keepCheckpoints()));
      Path folder = run.folder().resolve(CHECKPOINTS);
      try (Optimizer optimizer = new Optimizer(groups, true);
          Checkpointer checkpoints = saving.to(folder)) {
        var loss = new ChunkedLoss(model, recipe.recompute());
        var objective =
            tuning == null
                ? new LanguageModelling(loss)
                : new LanguageModelling(loss, tuning::prepared);
        var trainer =
            new Trainer<>(
                    objective,
                    rows,
                    optimizer,
                    schedule(groups),
                    randomness,
                    new TrainerOptions(steps, recipe.accumulate(), recipe.clip()))
                .checkpoints(checkpoints)
                .with(metrics(run))
                .with(watching(run, model, tuning, objective))
                .with(watcher);
        if (resume) restore(run, trainer, folder);
        trainer.run();
        checkpoints.awaitSnapshot();
      }
      keep(run, model, tuning);
    }
  }

  /** What is trained beside the weights; null where these are. */
  private @Nullable Tuning tuning(AutogradModel model, Randomness randomness) {
    return switch (recipe.method()) {
      case FULL -> null;
      case LORA -> Lora.on(model, recipe.lora(), randomness);
      case PROMPT -> PromptTuning.on(model, recipe.promptTokens(), randomness);
    };
  }

  private static void restore(Run run, Trainer<TokenBatch> trainer, Path folder) {
    if (!Files.isDirectory(folder)) return;
    new Checkpoints(folder)
        .loadNewest()
        .ifPresent(
            newest -> {
              try (LoadedCheckpoint checkpoint = newest) {
                trainer.restore(checkpoint);
                run.log("goes on after step " + checkpoint.version());
              }
            });
  }

  /** The whole checkpoints in a run's folder, oldest first. */
  public static List<CheckpointInfo> checkpoints(Path runFolder) {
    Path folder = runFolder.resolve(CHECKPOINTS);
    if (!Files.isDirectory(folder)) return List.of();
    return new Checkpoints(folder)
        .list().stream().filter(checkpoint -> checkpoint.problem().isEmpty()).toList();
  }

  /** The last step that a run's checkpoints hold; 0 if there is none. */
  public static long lastStep(Path runFolder) {
    Path folder = runFolder.resolve(CHECKPOINTS);
    if (!Files.isDirectory(folder)) return 0;
    return new Checkpoints(folder)
        .loadNewest()
        .map(
            newest -> {
              try (LoadedCheckpoint checkpoint = newest) {
                return checkpoint.version();
              }
            })
        .orElse(0L);
  }

  /** Embeddings and the output, which are no hidden layer's. */
  private static boolean isOuter(String parameter) {
    return parameter.contains("embed_") || parameter.startsWith("lm_head");
  }

  private Schedule schedule(List<ParameterGroup> groups) {
    return recipe
        .course()
        .over(Math.toIntExact(steps), groups.getFirst().rule(), run -> Path.of(run));
  }

  private static TrainCallback metrics(Run run) {
    return new TrainCallback() {
      @Override
      public void step(Trainer<?> trainer, TrainStep step) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", step.loss());
        values.put("gradient_norm", step.gradientNorm());
        values.put("learning_rate", step.learningRate());
        values.put("tokens_per_second", step.rate());
        values.put("tokens", (double) step.size());
        run.metric(step.step(), values);
      }
    };
  }

  private TrainCallback watching(
      Run run, AutogradModel model, @Nullable Tuning tuning, LanguageModelling objective) {
    return new TrainCallback() {
      @Override
      public void step(Trainer<?> trainer, TrainStep step) {
        run.checkCancelled();
        boolean last = step.step() == steps;
        int evaluate = recipe.evaluateEvery();
        if (evaluate > 0 && (step.step() % evaluate == 0 || last)) {
          run.metric(step.step(), Map.of("held_out_loss", heldOutLoss(objective, tuning)));
        }
        int sample = recipe.sampleEvery();
        if (sample > 0 && (step.step() % sample == 0 || last)) {
          sample(run, step.step(), answer(model, tuning));
        }
      }
    };
  }

  private double heldOutLoss(LanguageModelling objective, @Nullable Tuning tuning) {
    if (tuning != null) tuning.training(false);
    PackedRows all = rows(held, recipe.seed());
    double sum = 0;
    double weight = 0;
    for (int i = all.batches(0); i > 0; i--) {
      TokenBatch batch = all.next();
      sum += objective.loss(batch);
      weight += objective.weight(batch);
    }
    if (tuning != null) tuning.training(true);
    return sum / weight;
  }

  /** What the model says now, by the engine, from the weights as they are. */
  private String answer(AutogradModel model, @Nullable Tuning tuning) {
    Weights weights = weights(model, tuning);
    ChatTemplate template = files.text().chatTemplate();
    var tokenizer = files.text().tokenizer();
    int[] prompt =
        template == null
            ? tokenizer.encode(recipe.samplePrompt(), true, false)
            : template.tokens(
                tokenizer, List.of(ChatMessage.user(recipe.samplePrompt())), true, Map.of());
    try (EngineLoader.Loaded loaded =
        EngineLoader.load(weights, tokenizer, LoadOptions.defaults(), null, "")) {
      int fit = Math.min(SAMPLE_TOKENS, loaded.engine().context() - prompt.length);
      if (fit < 1) return "(the prompt fills the context)";
      var request =
          new GenerationRequest(prompt, GenerateOptions.greedy(fit), GenerationListener.NONE);
      return loaded.engine().submit(request).await().text();
    }
  }

  private Weights weights(AutogradModel model, @Nullable Tuning tuning) {
    if (tuning != null) return tuning.with(files.weights());
    return Weights.of(model.config(), new LiveWeights(model.parameters()));
  }

  private void sample(Run run, long step, String answer) {
    try {
      Files.writeString(
          run.artifact("samples.txt"),
          "step %d: %s%n".formatted(step, answer.strip()),
          java.nio.file.StandardOpenOption.CREATE,
          java.nio.file.StandardOpenOption.APPEND);
    } catch (IOException full) {
      throw new java.io.UncheckedIOException(full);
    }
  }

  private void keep(Run run, AutogradModel model, @Nullable Tuning tuning) throws IOException {
    Path folder = run.artifact(MODEL);
    if (fresh != null) {
      fresh.write(model, files.text(), folder);
      return;
    }
    String base = Files.exists(Path.of(recipe.model())) ? absolute(recipe.model()) : recipe.model();
    if (tuning == null) {
      TrainedFiles.write(weights(model, null), TensorType.BF16, base, folder);
    } else {
      tuning.write(base, folder);
      tuning.close();
    }
  }

  private static String absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }

  @Override
  public void close() {
    tokens.close();
    if (validation != null) validation.close();
    files.closeWeights();
  }
}
