package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.run.Run;
import io.otium.core.run.RunInfo;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.train.FineTuning;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium runs}: the long tasks that were run here; {@code show} and {@code cancel}. */
@Command(
    description = "Lists the long tasks that ran or run here, newest first.",
    footer = {"Examples:", "  ./otium runs", "  ./otium runs show ID", "  ./otium runs resume ID"})
final class RunListing implements Verb {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

  private final Cli cli;

  @Mixin Common common;

  RunListing(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    List<RunInfo> runs = cli.runs().list();
    if (common.json) {
      var list = Json.MAPPER.createArrayNode();
      runs.forEach(run -> list.add(run.toJson()));
      Json.print(cli, list);
      return 0;
    }
    if (runs.isEmpty()) cli.out().println("Nothing was run yet.");
    for (RunInfo run : runs) {
      cli.out()
          .printf(
              Locale.ROOT,
              "%-32s %-11s %s %8.1f s%n",
              run.id(),
              run.state().word(),
              TIME.format(run.started()),
              run.seconds());
    }
    return 0;
  }

  @Command(name = "show", description = "Shows a run: what was asked, where, and what came out.")
  int show(@Parameters(paramLabel = "ID", description = "a run") String id, @Mixin Common flags) {
    RunInfo run = cli.runs().show(id);
    if (flags.json || common.json) {
      Json.print(cli, run.toJson());
      return 0;
    }
    cli.out().println(run.description().toPrettyString());
    for (Map.Entry<String, JsonNode> metric : run.lastMetrics().entrySet()) {
      cli.out().printf("%-32s %s%n", metric.getKey(), metric.getValue());
    }
    cli.out().println(run.folder());
    return 0;
  }

  @Command(
      name = "resume",
      description = "Goes on with a training run that was killed, cancelled or failed.")
  int resume(@Parameters(paramLabel = "ID", description = "a run") String id, @Mixin Common flags)
      throws IOException {
    RunInfo info = cli.runs().show(id);
    if (!info.verb().equals("train")) {
      throw new Usage(
          "run %s is of %s; only training runs can be resumed".formatted(id, info.verb()));
    }
    Recipe recipe = Recipe.OPTIONS.fromJson(info.description().path("options"));
    int processors = Runtime.getRuntime().availableProcessors();
    try (var progress = new PullProgress(cli);
        FineTuning tuning =
            FineTuning.open(
                recipe, info.folder(), new OtiumHome(cli.home()), progress, processors)) {
      Run run = cli.runs().resume(id, FineTuning.lastStep(info.folder()));
      return new Training(cli, flags.json || common.json).run(tuning, run, true);
    }
  }

  @Command(
      name = "plot",
      description = "Draws a metric of one run, or of several over each other: PNG and SVG.")
  int plot(
      @Parameters(paramLabel = "ID", arity = "1..*", description = "runs") List<String> ids,
      @Option(
              names = "--metric",
              paramLabel = "NAME",
              defaultValue = "loss",
              description = "what is drawn (default: loss)")
          String metric,
      @Mixin Common flags)
      throws IOException {
    List<RunInfo> drawn = ids.stream().map(id -> cli.runs().show(id)).toList();
    Path file = drawn.getFirst().folder().resolve("artifacts").resolve(metric);
    RunPlot.write(drawn, metric, file);
    if (flags.json || common.json) {
      var json = Json.MAPPER.createObjectNode();
      json.put("png", file + ".png").put("svg", file + ".svg");
      Json.print(cli, json);
    } else {
      cli.out().println(file + ".png");
      cli.out().println(file + ".svg");
    }
    return 0;
  }

  @Command(name = "cancel", description = "Asks a running run to end at its next safe place.")
  int cancel(@Parameters(paramLabel = "ID", description = "a run") String id, @Mixin Common flags) {
    cli.runs().cancel(id);
    if (flags.json || common.json) {
      Json.print(cli, Json.MAPPER.createObjectNode().put("cancelled", id));
    } else {
      cli.out().println(id + " will end soon");
    }
    return 0;
  }
}
