package io.otium.app.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.otium.app.console.train.Curve;
import io.otium.app.console.train.RunView;
import io.otium.app.training.Jobs;
import io.otium.core.run.RunInfo;
import io.otium.core.run.Runs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pages of runs: all of them, one, and several over each other. */
final class RunRoutes {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int LISTED = 200;
  private static final int MOST_COMPARED = 6;

  private final Jobs jobs;
  private final Runs runs;
  private final Views views;

  RunRoutes(Jobs jobs, Views views) {
    this.jobs = jobs;
    this.runs = jobs.queue().runs();
    this.views = views;
  }

  void register(GuardedRoutes routes) {
    routes.get("/runs", this::page);
    routes.get("/runs/list", this::list);
    routes.get("/runs/compare", this::compare);
    routes.get("/runs/curves", this::curves);
    routes.get("/runs/{id}", this::run);
    routes.get("/runs/{id}/status", ctx -> views.show(ctx, "runStatus", Map.of("view", view(ctx))));
    routes.get("/runs/{id}/told", ctx -> views.show(ctx, "runTold", Map.of("view", view(ctx))));
    routes.post("/runs/{id}/cancel", this::cancel);
    routes.post("/runs/{id}/resume", this::resume);
  }

  private void page(Context ctx) {
    views.show(
        ctx, "runs", Map.of("shell", views.shell("Runs", Shell.Section.RUNS, ""), "runs", all()));
  }

  /** What is ticked to be compared stays so when the list is shown anew. */
  private void list(Context ctx) {
    Set<String> ticked = Set.copyOf(ctx.queryParams("run"));
    views.show(ctx, "runList", Map.of("runs", all(), "ticked", ticked));
  }

  private List<RunView> all() {
    return runs.list().stream().limit(LISTED).map(RunView::of).toList();
  }

  private void run(Context ctx) {
    RunView view = view(ctx);
    views.show(
        ctx, "run", Map.of("shell", views.shell(view.id(), Shell.Section.RUNS, ""), "view", view));
  }

  private void compare(Context ctx) {
    List<RunView> chosen = chosen(ctx).stream().map(RunView::of).toList();
    if (chosen.size() < 2) {
      ctx.redirect("/runs");
      return;
    }
    views.show(
        ctx,
        "compare",
        Map.of("shell", views.shell("Runs compared", Shell.Section.RUNS, ""), "runs", chosen));
  }

  private List<RunInfo> chosen(Context ctx) {
    return ctx.queryParams("run").stream().distinct().limit(MOST_COMPARED).map(runs::show).toList();
  }

  /** The curves of some runs: {@code [{run, live, steps, curves: {metric: [steps, …]}}]}. */
  private void curves(Context ctx) throws JsonProcessingException {
    List<String> metrics = ctx.queryParams("metric");
    ArrayNode all = JSON.createArrayNode();
    for (RunInfo run : chosen(ctx)) {
      List<JsonNode> lines = run.metrics();
      ObjectNode one = all.addObject();
      one.put("run", run.id()).put("live", RunView.of(run).isLive()).put("steps", run.steps());
      Map<String, Curve> curves = new LinkedHashMap<>();
      for (String metric : metrics) curves.put(metric, Curve.of(lines, metric));
      one.set("curves", JSON.valueToTree(curves));
    }
    ctx.contentType("application/json; charset=utf-8").header("Cache-Control", "no-store");
    ctx.result(JSON.writeValueAsString(all));
  }

  private void cancel(Context ctx) {
    runs.cancel(ctx.pathParam("id"));
    views.show(ctx, "runStatus", Map.of("view", view(ctx)));
  }

  private void resume(Context ctx) {
    jobs.resume(runs.show(ctx.pathParam("id")));
    views.show(ctx, "runStatus", Map.of("view", view(ctx)));
  }

  private RunView view(Context ctx) {
    return RunView.of(runs.show(ctx.pathParam("id")));
  }
}
