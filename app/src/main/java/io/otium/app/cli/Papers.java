package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.otium.papers.Catalogue;
import io.otium.papers.Paper;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code otium papers}: the catalogue of published systems, with what was measured. */
@Command(
    description = "Lists the 68 published systems that are the plan, or shows one.",
    footer = {"Examples:", "  ./otium papers", "  ./otium papers lazyllm"})
final class Papers implements Verb {
  private final Cli cli;

  @Parameters(paramLabel = "ID", arity = "0..1", description = "show this one")
  @Nullable String id;

  @Mixin Common common;

  Papers(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    ArrayNode rows = Catalogue.toJson(cli.runs());
    if (id != null) return show(id, rows);
    if (common.json) {
      Json.print(cli, rows);
      return 0;
    }
    for (JsonNode row : rows) {
      cli.out()
          .printf(
              "%-24s %-10s %-11s %s%n",
              row.path("id").asText(),
              row.path("room").asText(),
              row.path("state").asText(),
              shorten(row.path("title").asText(), 50));
    }
    long reproduced = count(rows, "reproduced");
    long implemented = count(rows, "implemented");
    cli.out()
        .printf(
            "%n%d systems: %d reproduced here, %d implemented, %d planned%n",
            rows.size(), reproduced, implemented, rows.size() - reproduced - implemented);
    return 0;
  }

  private int show(String wanted, ArrayNode rows) {
    Paper paper =
        Catalogue.find(wanted)
            .orElseThrow(
                () -> {
                  List<String> ids = Catalogue.papers().stream().map(Paper::id).toList();
                  return new Usage(
                      "there is no paper '%s'; ./otium papers lists the %d there are"
                          .formatted(wanted, ids.size()));
                });
    for (JsonNode row : rows) {
      if (!row.path("id").asText().equals(paper.id())) continue;
      if (common.json) {
        Json.print(cli, row);
        return 0;
      }
      cli.out().println(paper.title());
      line("paper", paper.paper());
      line("code", paper.code());
      line("room", paper.room());
      line("claim", paper.claim());
      line("published", paper.published());
      line("state", row.path("state").asText());
      if (!row.path("measured").isNull()) {
        line("measured", row.path("measured").asText());
        line("holds", row.path("holds").asText());
        line("run", row.path("run").asText());
      }
    }
    return 0;
  }

  private void line(String name, String value) {
    cli.out().printf("  %-10s %s%n", name, value);
  }

  private static long count(ArrayNode rows, String state) {
    return rows.valueStream().filter(row -> row.path("state").asText().equals(state)).count();
  }

  static String shorten(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}
