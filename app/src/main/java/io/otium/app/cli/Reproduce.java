package io.otium.app.cli;

import io.otium.core.data.DataCatalogue;
import io.otium.papers.EngineModel;
import io.otium.papers.Experiment;
import io.otium.papers.Experiments;
import io.otium.papers.Reproduction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium reproduce}: runs an experiment, with a verdict on each of its claims. */
@Command(
    description = {
      "Runs an experiment and says which of its claims hold here.",
      "Exit code 1 if one does not. The numbers stay in a run folder (./otium runs)."
    },
    footer = {"Examples:", "  ./otium reproduce weights-fidelity --quick"})
final class Reproduce implements Verb {
  private final Cli cli;

  @Parameters(paramLabel = "ID", description = "an experiment, such as weights-fidelity")
  String id;

  @Option(names = "--seeds", paramLabel = "N", description = "repetitions, each with its own seed")
  int seeds = 1;

  @Option(names = "--quick", description = "a smaller one, to see that it runs")
  boolean quick;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "for experiments with a language model (default: " + ModelFlags.DEFAULT_MODEL + ")")
  String model = ModelFlags.DEFAULT_MODEL;

  @Mixin Common common;

  Reproduce(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    if (seeds < 1 || seeds > 100) throw new Usage("--seeds is " + seeds + "; allowed are 1 to 100");
    var materials =
        new Experiments.Materials(
            () -> new EngineModel(model, cli.resolve(model)), DataCatalogue.here());
    Experiment experiment = Experiments.create(id, materials);
    if (cli.noticing()) cli.err().println("running " + id + " (Ctrl-C ends it) …");
    Reproduction result = Reproduction.of(experiment, seeds, quick, cli.runs());
    if (common.json) {
      Json.print(cli, result.toJson());
    } else {
      cli.out().print(result.table());
    }
    return result.holds() ? 0 : 1;
  }
}
