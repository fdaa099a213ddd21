package io.otium.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.otium.core.run.Runs;
import io.otium.papers.Catalogue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The page of the published systems, filtered by words, room and state. */
final class PaperRoutes {
  private final Runs runs;
  private final Views views;

  PaperRoutes(Runs runs, Views views) {
    this.runs = runs;
    this.views = views;
  }

  void register(GuardedRoutes routes) {
    routes.get("/papers", this::page);
  }

  private void page(Context ctx) {
    String words = query(ctx, "q");
    String room = query(ctx, "room");
    String state = query(ctx, "state");
    List<PaperRow> all = rows();
    List<PaperRow> shown =
        all.stream()
            .filter(row -> room.isEmpty() || row.paper().room().equals(room))
            .filter(row -> state.isEmpty() || row.state().equals(state))
            .filter(row -> row.holds(words))
            .toList();
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("rows", shown);
    parameters.put("of", all.size());
    if (ctx.header("HX-Request") != null && ctx.header("HX-History-Restore-Request") == null) {
      views.show(ctx, "paperList", parameters);
      return;
    }
    parameters.put("shell", views.shell("Papers", Shell.Section.PAPERS, ""));
    parameters.put("words", words);
    parameters.put("room", room);
    parameters.put("state", state);
    parameters.put("rooms", distinct(all, row -> row.paper().room()));
    parameters.put("states", distinct(all, PaperRow::state));
    views.show(ctx, "papers", parameters);
  }

  private List<PaperRow> rows() {
    List<PaperRow> rows = new ArrayList<>();
    for (JsonNode row : Catalogue.toJson(runs)) {
      Catalogue.find(row.path("id").asText())
          .ifPresent(
              paper ->
                  rows.add(
                      new PaperRow(
                          paper, row.path("state").asText(), row.path("measured").asText(""))));
    }
    return rows;
  }

  private static List<String> distinct(List<PaperRow> rows, Function<PaperRow, String> what) {
    return rows.stream().map(what).distinct().sorted().toList();
  }

  private static String query(Context ctx, String name) {
    String value = ctx.queryParam(name);
    return value == null ? "" : value;
  }
}
