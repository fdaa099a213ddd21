package io.otium.app.cli;

import picocli.CommandLine.Option;

/** Which model, and how precisely. */
final class ModelFlags {
  static final String DEFAULT_MODEL = "smollm2-135m-instruct";

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "an installed or well-known model, hf:ORG/NAME, pip:NAME or a path (default:"
              + " $OTIUM_MODEL or "
              + DEFAULT_MODEL
              + ")")
  String model;

  @Option(
      names = "--weights",
      paramLabel = "BITS",
      defaultValue = "auto",
      description =
          "fp32, bf16, int8 or int4; auto takes the fastest that keeps the quality (default: auto)")
  String weights;

  Cli.LoadRequest request() {
    if (!Loading.WEIGHTS.contains(weights)) {
      throw new Usage(
          "--weights is '%s'; allowed are %s"
              .formatted(weights, String.join(", ", Loading.WEIGHTS)));
    }
    return new Cli.LoadRequest(name(), weights);
  }

  private String name() {
    if (model != null) return model;
    String chosen = System.getenv("OTIUM_MODEL");
    return chosen == null || chosen.isBlank() ? DEFAULT_MODEL : chosen;
  }
}
