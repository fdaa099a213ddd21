package io.otium.app.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page of the server's live figures, and the samples that its charts ask for. */
final class LiveRoutes {
  private static final JsonMapper JSON = new JsonMapper();

  private final LiveFigures figures;
  private final Views views;

  LiveRoutes(LiveFigures figures, Views views) {
    this.figures = figures;
    this.views = views;
  }

  void register(GuardedRoutes routes) {
    routes.get(
        "/live",
        ctx ->
            views.show(ctx, "live", Map.of("shell", views.shell("Live", Shell.Section.LIVE, ""))));
    routes.get("/live/samples", this::samples);
  }

  /** One array a figure, as charts want them. */
  private void samples(Context ctx) throws JsonProcessingException {
    String after = ctx.queryParam("after");
    long time = after != null && after.matches("\\d{1,15}") ? Long.parseLong(after) : 0;
    List<LiveFigures.Sample> samples = figures.after(time);
    ctx.contentType("application/json; charset=utf-8").header("Cache-Control", "no-store");
    ctx.result(
        JSON.writeValueAsString(
            Map.of(
                "time", column(samples, LiveFigures.Sample::time),
                "generated", column(samples, LiveFigures.Sample::generated),
                "prompt", column(samples, LiveFigures.Sample::prompt),
                "running", column(samples, LiveFigures.Sample::running),
                "waiting", column(samples, LiveFigures.Sample::waiting),
                "kvUsed", column(samples, LiveFigures.Sample::kvUsed),
                "kvTotal", column(samples, LiveFigures.Sample::kvTotal),
                "resident", column(samples, LiveFigures.Sample::resident),
                "weights", column(samples, LiveFigures.Sample::weights),
                "kvBytes", column(samples, LiveFigures.Sample::kvBytes))));
  }

  private static double[] column(
      List<LiveFigures.Sample> samples, ToDoubleFunction<LiveFigures.Sample> figure) {
    return samples.stream().mapToDouble(figure).toArray();
  }
}
