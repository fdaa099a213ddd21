package io.otium.lm;

import io.otium.core.options.Doc;
import io.otium.lm.engine.EngineOptions;

/**
 * How a model is loaded.
 *
 * @param weights precision that weights are kept in
 * @param engine how the machine is divided among requests
 */
public record LoadOptions(
    @Doc("precision of the weights; auto takes int4 for files of 4 bits and int8 for others")
        WeightPrecision weights,
    EngineOptions engine) {

  /** Precisions to choose from. */
  public enum WeightPrecision {
    AUTO,
    FP32,
    BF16,
    INT8,
    INT4
  }

  public static LoadOptions defaults() {
    return new LoadOptions(WeightPrecision.AUTO, EngineOptions.defaults());
  }

  public LoadOptions withWeights(WeightPrecision precision) {
    return new LoadOptions(precision, engine);
  }

  public LoadOptions withEngine(EngineOptions options) {
    return new LoadOptions(weights, options);
  }
}
