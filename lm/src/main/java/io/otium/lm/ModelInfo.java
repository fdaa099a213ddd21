package io.otium.lm;

/**
 * What a loaded model is.
 *
 * @param id the name that requests use
 * @param architecture e.g. {@code llama}
 * @param parameters number of weights
 * @param weights precision served: {@code fp32}, {@code bf16}, {@code int8} or {@code int4}
 * @param context most tokens of prompt and answer together
 * @param created seconds since 1970 of the model's files
 */
public record ModelInfo(
    String id,
    String architecture,
    long parameters,
    String weights,
    int context,
    int width,
    int layers,
    long created) {
  /** The same under another name. */
  public ModelInfo named(String name) {
    return new ModelInfo(name, architecture, parameters, weights, context, width, layers, created);
  }
}
