package io.otium.core.train;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;

/** How a training loop runs, whatever it learns. */
@Doc("How a training loop runs")
public record TrainerOptions(
    @Doc("Updates") @Range(min = 1) long steps,
    @Doc("Batches whose gradients make one update") @Range(min = 1) int accumulate,
    @Doc("Largest norm of all gradients together; 0 for any") @Range(min = 0) double clip) {
  public static final TrainerOptions DEFAULTS = new TrainerOptions(100, 1, 1.0);

  public TrainerOptions withSteps(long count) {
    return new TrainerOptions(count, accumulate, clip);
  }
}
