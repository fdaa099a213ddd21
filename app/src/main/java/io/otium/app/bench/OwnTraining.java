package io.otium.app.bench;

import io.otium.core.checkpoint.CheckpointOptions;
import io.otium.core.checkpoint.CheckpointOptions.Mode;
import io.otium.core.checkpoint.Checkpointer;
import io.otium.core.data.Order;
import io.otium.core.optim.AdamW;
import io.otium.core.optim.Optimizer;
import io.otium.core.optim.ParameterGroup;
import io.otium.core.optim.Schedule;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.Threads;
import io.otium.core.train.TrainCallback;
import io.otium.core.train.TrainStep;
import io.otium.core.train.Trainer;
import io.otium.core.train.TrainerOptions;
import io.otium.lm.ModelFiles;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.LoraOptions;
import io.otium.lm.data.PackedRows;
import io.otium.lm.data.PackingOptions;
import io.otium.lm.data.PackingOptions.Packing;
import io.otium.lm.data.PackingOptions.TooLong;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ChunkedLoss;
import io.otium.lm.train.LanguageModelling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Otium's own side of {@code bench train} and {@code bench checkpoint}: one round. */
public final class OwnTraining {
  private static final long SEED = 1;

  private final Path model;
  private final TrainingData data;
  private final DType type;
  private final int threads;

  /**
   * @param type of the weights, BF16 or F32; AdamW keeps F32 either way
   */
  public OwnTraining(Path model, TrainingData data, DType type, int threads) {
    this.model = model;
    this.data = data;
    this.type = type;
    this.threads = threads;
  }

  /**
   * Trains, and says how fast that went.
   *
   * @param lora an adapter of rank 16, instead of all weights
   */
  public TrainingFigures train(boolean lora) throws IOException {
    List<Double> losses = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    run(
        lora,
        trainer ->
            trainer.with(
                new TrainCallback() {
                  @Override
                  public void step(Trainer<?> trainer, TrainStep step) {
                    losses.add(step.loss());
                    if (step.step() > data.warmUps()) rates.add(step.rate());
                  }
                }),
        data.warmUps() + data.updates());
    return new TrainingFigures(Median.of(rates), ResidentMemory.peak(), losses);
  }

  /**
   * Trains all weights and saves all that training depends on.
   *
   * @param folder of the checkpoints, empty
   * @param mode how they are written; {@link Mode#SYNC} waits for no medium, as {@code torch.save}
   * @param count checkpoints that count, after one that does not
   * @return mean time in ms that training stands still for one
   */
  public double stall(Path folder, Mode mode, int count) throws IOException {
    int interval = data.updates();
    CheckpointOptions options =
        CheckpointOptions.every(interval)
            .with(Map.of("mode", mode, "keep_last", 1, "fsync", mode != Mode.SYNC));
    long first = interval + 1;
    long last = (long) interval * (count + 1) + 1;
    double[] stalled = new double[1];
    try (Checkpointer checkpoints = options.to(folder)) {
      TrainCallback meter =
          new TrainCallback() {
            @Override
            public void step(Trainer<?> trainer, TrainStep step) {
              // A checkpoint is waited for in the update behind it. The first one touches the
              // memory that the others find.
              if (step.step() == first) stalled[0] -= seconds(checkpoints);
              if (step.step() == last) {
                stalled[0] += seconds(checkpoints);
                trainer.stop();
              }
            }
          };
      run(false, trainer -> trainer.checkpoints(checkpoints).with(meter), last + 1);
    }
    return stalled[0] / count * 1e3;
  }

  private static double seconds(Checkpointer checkpoints) {
    var report = checkpoints.report();
    return report.enqueueSeconds() + report.barrierSeconds();
  }

  /** What is added to a trainer before it runs. */
  private interface Watching {
    Trainer<TokenBatch> add(Trainer<TokenBatch> trainer);
  }

  private void run(boolean lora, Watching watching, long steps) throws IOException {
    var randomness = new Randomness(SEED);
    ModelFiles files = ModelFiles.open(model);
    try (var _ = new Threads(threads);
        AutogradModel network = AutogradModel.of(files.weights(), type)) {
      network.requiresGrad(!lora);
      Map<String, Tensor> parameters =
          lora
              ? Lora.on(network, LoraOptions.DEFAULTS, randomness).parameters()
              : new LinkedHashMap<>(network.parameters());
      AdamW rule = new AdamW(data.learningRate(), 0.9, 0.999, 1e-8, 0);
      try (var optimizer = new Optimizer(ParameterGroup.decayingMatrices(rule, parameters), true)) {
        var trainer =
            new Trainer<>(
                new LanguageModelling(new ChunkedLoss(network, false)),
                batches(),
                optimizer,
                Schedule.constant(0),
                randomness,
                new TrainerOptions(steps, 1, data.clip()));
        watching.add(trainer).run();
      }
    } finally {
      files.closeWeights();
    }
  }

  private PackedRows batches() {
    var documents = data.documents();
    boolean filled = data.sequences().stream().allMatch(one -> one.length == data.rowLength());
    return new PackedRows(
        documents,
        Order.sequential(documents.size()),
        new PackingOptions(
            data.rowLength(), filled ? Packing.NONE : Packing.WHOLE, TooLong.KEEP_START),
        data.rows(),
        SEED);
  }
}
