package io.otium.papers.datastates;

import io.otium.core.checkpoint.CheckpointOptions;
import io.otium.core.checkpoint.CheckpointReport;
import io.otium.core.checkpoint.Checkpointer;
import io.otium.core.run.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A training that was run, perhaps with checkpoints.
 *
 * @param losses of each iteration
 * @param loopSeconds from the first iteration to the last
 * @param allSeconds with what was still to be written after it
 * @param passSeconds of a forward and backward pass, the median
 * @param updateSeconds the median
 * @param checkpoints what those cost that another iteration followed; null without any
 */
record TrainingRun(
    List<Double> losses,
    double loopSeconds,
    double allSeconds,
    double passSeconds,
    double updateSeconds,
    @Nullable CheckpointReport checkpoints) {

  TrainingRun {
    losses = List.copyOf(losses);
  }

  /** Runs iterations from {@code first} on, without checkpoints. */
  static TrainingRun plain(SmallTransformer model, int first, int last, Run run) {
    Clock clock = new Clock();
    for (int iteration = first; iteration <= last; iteration++) {
      run.checkCancelled();
      clock.pass(model);
      clock.update(model);
    }
    return clock.result(clock.seconds(), null);
  }

  /**
   * Runs iterations 1 to {@code last} with checkpoints.
   *
   * @param barrier whether the update waits for the copies, as it must
   * @param saved called with each version right after it was saved
   */
  static TrainingRun checkpointed(
      SmallTransformer model,
      int last,
      CheckpointOptions options,
      Path folder,
      boolean barrier,
      LongConsumer saved,
      Run run) {
    Clock clock;
    double loop;
    @Nullable CheckpointReport report = null;
    try (Checkpointer checkpoints = options.to(folder)) {
      checkpoints.prepare(model.state());
      clock = new Clock();
      for (int iteration = 1; iteration <= last; iteration++) {
        run.checkCancelled();
        clock.pass(model);
        if (barrier) {
          checkpoints.awaitSnapshot();
        }
        clock.update(model);
        if (iteration == last) {
          // Without the last one, which no pass follows.
          report = checkpoints.report();
        }
        if (options.isDue(iteration)) {
          checkpoints.save(iteration, model.state());
          saved.accept(iteration);
        }
      }
      loop = clock.seconds();
    }
    return clock.result(loop, report);
  }

  /** Sums up an iteration's parts. */
  private static final class Clock {
    private final long started = System.nanoTime();
    private final List<Double> losses = new ArrayList<>();
    private final List<Double> passes = new ArrayList<>();
    private final List<Double> updates = new ArrayList<>();

    void pass(SmallTransformer model) {
      long start = System.nanoTime();
      losses.add(model.forwardBackward());
      passes.add((System.nanoTime() - start) / 1e9);
    }

    void update(SmallTransformer model) {
      long start = System.nanoTime();
      model.update();
      updates.add((System.nanoTime() - start) / 1e9);
    }

    double seconds() {
      return (System.nanoTime() - started) / 1e9;
    }

    TrainingRun result(double loopSeconds, @Nullable CheckpointReport report) {
      return new TrainingRun(
          losses, loopSeconds, seconds(), median(passes), median(updates), report);
    }
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
