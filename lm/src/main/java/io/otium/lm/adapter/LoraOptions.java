package io.otium.lm.adapter;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import java.util.List;

/** Low-rank adaptation's settings, under peft's names. */
@Doc("Low-rank adaptation (LoRA)")
public record LoraOptions(
    @Doc("Rank of the updates") @Range(min = 1, max = 4096) int rank,
    @Doc("Strength; updates are multiplied by alpha / rank") @Range(min = 0) double alpha,
    @Doc("Share of an update's inputs that are zeroed in training") @Range(min = 0, max = 0.99)
        double dropout,
    @Doc("Products that are adapted, by the end of their names; all-linear for all of the blocks")
        List<String> targets,
    @Doc("Multiply by alpha / √rank instead (rsLoRA)") boolean rslora,
    @Doc("Train the magnitude of each output apart from its direction (DoRA)") boolean dora) {
  public static final String ALL = "all-linear";

  public static final LoraOptions DEFAULTS = new LoraOptions(16, 32, 0, List.of(ALL), false, false);

  public LoraOptions {
    targets = List.copyOf(targets);
  }

  /** What updates are multiplied by. */
  public double scale() {
    return alpha / (rslora ? Math.sqrt(rank) : rank);
  }

  /** Whether a product is adapted. */
  boolean adapts(String name) {
    return targets.stream()
        .anyMatch(
            target -> target.equals(ALL) || name.equals(target) || name.endsWith("." + target));
  }
}
