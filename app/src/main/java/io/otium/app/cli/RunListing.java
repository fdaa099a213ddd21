package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.run.RunInfo;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code otium runs}: the long tasks that were run here; {@code show} and {@code cancel}. */
@Command(
    description = "Lists the long tasks that ran or run here, newest first.",
    footer = {"Examples:", "  ./otium runs", "  ./otium runs show ID"})
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
