package io.otium.lm.train;

import io.otium.core.optim.OptimizerOptions;
import io.otium.core.optim.RefinedSchedule;
import io.otium.core.optim.ScheduleOptions;
import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Options;
import io.otium.core.options.Range;
import io.otium.lm.adapter.LoraOptions;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All that a training run of a language model depends on: the file that {@code ./otium train}
 * reads.
 */
@Doc("Training of a language model")
public record Recipe(
    @Doc("Model to begin with: a name, a path, hf:ORG/NAME or run:ID; new for none") String model,
    @Doc("Transformer blocks of a new model") @Range(min = 1, max = 1024) int layers,
    @Doc("Elements of a token's state in a new model") @Range(min = 8, max = 1 << 17) int width,
    @Doc("Heads of a new model's attention") @Range(min = 1, max = 1024) int heads,
    @Doc("Heads of keys and values, shared by the attention's") @Range(min = 1, max = 1024)
        int kvHeads,
    @Doc("Elements between the MLP's products in a new model") @Range(min = 8, max = 1 << 20)
        int mlpWidth,
    @Doc("Tokens that a new model can see at once") @Range(min = 8, max = 1 << 24) int context,
    @Doc("Tokens of a new model's tokenizer, which is learnt from the data")
        @Range(min = 259, max = 1 << 22)
        int vocabulary,
    @Doc("JSONL, CSV or Parquet file of chats or texts; small-world for Otium's own lessons")
        String data,
    @Doc("A file of the same kind that is evaluated and not trained on")
        @Nullable String validation,
    @Doc("Lessons of the small world") @Range(min = 1) int lessons,
    @Doc("Column with chats: a list of {role, content}") @Nullable String messages,
    @Doc("Column with prompts, of which nothing is learnt") @Nullable String prompt,
    @Doc("Column with what should follow the prompts") @Nullable String completion,
    @Doc("Column with plain texts") @Nullable String text,
    @Doc("Train a low-rank adapter, all weights, or a soft prompt") Method method,
    @Doc("Rank of the adapter's updates") @Range(min = 1, max = 4096) int loraRank,
    @Doc("Strength of the adapter; updates are multiplied by alpha / rank") @Range(min = 0)
        double loraAlpha,
    @Doc("Share of the adapter's inputs that are zeroed in training") @Range(min = 0, max = 0.99)
        double loraDropout,
    @Doc("Products that are adapted, such as q_proj, or all-linear") List<String> loraTargets,
    @Doc("Multiply the adapter by alpha / √rank instead") boolean rslora,
    @Doc("Let the adapter train the magnitude of each output apart from its direction (DoRA)")
        boolean dora,
    @Doc("Positions that a soft prompt takes, where the method is prompt")
        @Range(min = 1, max = 4096)
        int promptTokens,
    @Doc("Updates; 0 for as many as the epochs take") @Range(min = 0) long steps,
    @Doc("Passes over the data, where steps is 0") @Range(min = 1) int epochs,
    @Doc("Rows of a batch") @Range(min = 1) int batchRows,
    @Doc("Tokens of a row; documents share rows, without padding") @Range(min = 8) int rowLength,
    @Doc("Batches whose gradients make one update") @Range(min = 1) int accumulate,
    @Doc("What makes updates of gradients; muon is for matrices, the rest is adamw's")
        OptimizerOptions.Rule optimizer,
    @Doc("Learning rate at its highest") @Range(min = 0) double learningRate,
    @Doc("Share of a weight that an update with learning rate 1 takes away") @Range(min = 0)
        double weightDecay,
    @Doc("Decay of the mean of squared gradients, where the optimizer has one")
        @Range(min = 0, max = 1, maxOpen = true)
        double beta2,
    @Doc("How the learning rate goes") Course schedule,
    @Doc("Share of the updates in which the learning rate rises") @Range(min = 0, max = 1)
        double warmup,
    @Doc("Share of the updates in which wsd falls at the end") @Range(min = 0, max = 1)
        double decay,
    @Doc("What the learning rate falls towards, as a share of itself") @Range(min = 0, max = 1)
        double end,
    @Doc("Largest norm of all gradients together; 0 for any") @Range(min = 0) double clip,
    @Doc("Numbers that the model computes in") Precision precision,
    @Doc("Keep only the blocks' inputs for the way back: slower, far less memory")
        boolean recompute,
    @Doc("Seed of all that is random") long seed,
    @Doc("Updates from one checkpoint to the next") @Range(min = 1) int checkpointEvery,
    @Doc("Checkpoints that are kept") @Range(min = 1) int keepCheckpoints,
    @Doc("Share of the data that is not trained on, but evaluated") @Range(min = 0, max = 0.5)
        double heldOut,
    @Doc("Updates from one evaluation to the next; 0 for none") @Range(min = 0) int evaluateEvery,
    @Doc("Updates from one sample of the model's answers to the next; 0 for none") @Range(min = 0)
        int sampleEvery,
    @Doc("What the samples answer") String samplePrompt) {

  /** What stands for a model that begins from nothing. */
  private static final String NEW = "new";

  /** What is trained. */
  public enum Method {
    LORA,
    FULL,
    PROMPT
  }

  /** How the learning rate goes after its rise. */
  public enum Course {
    CONSTANT,
    LINEAR,
    COSINE,
    INVERSE_SQRT,
    WSD
  }

  /** Numbers of weights and activations; optimizers keep fp32 beside bf16. */
  public enum Precision {
    BF16,
    FP32
  }

  public static final Recipe DEFAULTS =
      new Recipe(
          "smollm2-135m-instruct",
          NewModel.DEFAULTS.layers(),
          NewModel.DEFAULTS.width(),
          NewModel.DEFAULTS.heads(),
          NewModel.DEFAULTS.kvHeads(),
          NewModel.DEFAULTS.mlpWidth(),
          NewModel.DEFAULTS.context(),
          NewModel.DEFAULTS.vocabulary(),
          "",
          null,
          100_000,
          null,
          null,
          null,
          null,
          Method.LORA,
          16,
          32,
          0,
          List.of(LoraOptions.ALL),
          false,
          false,
          20,
          0,
          1,
          4,
          512,
          1,
          OptimizerOptions.Rule.ADAMW,
          2e-4,
          0,
          0.999,
          Course.COSINE,
          0.03,
          0.2,
          0,
          1,
          Precision.BF16,
          false,
          0,
          50,
          2,
          0,
          0,
          0,
          "Hello! Who are you?");

  public static final Options<Recipe> OPTIONS = Options.describe(Recipe.class, DEFAULTS);

  public Recipe {
    loraTargets = List.copyOf(loraTargets);
    NewModel architecture =
        new NewModel(layers, width, heads, kvHeads, mlpWidth, context, vocabulary);
    boolean isNew = model.equals(NEW);
    if (!isNew && !architecture.equals(NewModel.DEFAULTS)) {
      throw OptionException.refused(
          "model",
          "is %s, whose architecture is its own; layers, width, heads, kv_heads, mlp_width, context and vocabulary are for model: new"
              .formatted(model));
    }
    if (isNew && method != Method.FULL) {
      throw OptionException.refused(
          "method",
          "is %s, but a new model has nothing to adapt: it must be full"
              .formatted(method.name().toLowerCase(Locale.ROOT)));
    }
    if (isNew && rowLength > context) {
      throw OptionException.invalid("row_length", rowLength, "at most context (" + context + ")");
    }
    if (schedule == Course.WSD && warmup + decay > 1) {
      throw OptionException.invalid("decay", decay, "at most 1 − warmup (" + (1 - warmup) + ")");
    }
    if (evaluateEvery > 0 && heldOut == 0 && validation == null) {
      throw OptionException.refused(
          "held_out",
          "is 0, but evaluate_every is "
              + evaluateEvery
              + ": hold out a share, such as 0.05, or name a file by validation");
    }
    if (heldOut > 0 && validation != null) {
      throw OptionException.refused(
          "held_out", "is " + heldOut + ", but validation names a file: only one is evaluated");
    }
  }

  /** Whether the model begins from nothing. */
  boolean isNew() {
    return model.equals(NEW);
  }

  NewModel architecture() {
    return new NewModel(layers, width, heads, kvHeads, mlpWidth, context, vocabulary);
  }

  /** Whether the data is what Otium writes itself, and no file. */
  public boolean isSmallWorld() {
    return data.equals(SmallWorldText.NAME);
  }

  OptimizerOptions updates() {
    return new OptimizerOptions(optimizer, learningRate, weightDecay, beta2);
  }

  ScheduleOptions course() {
    String name = schedule.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new ScheduleOptions(name, warmup, decay, end, RefinedSchedule.TAU);
  }

  LoraOptions lora() {
    return new LoraOptions(loraRank, loraAlpha, loraDropout, loraTargets, rslora, dora);
  }
}
