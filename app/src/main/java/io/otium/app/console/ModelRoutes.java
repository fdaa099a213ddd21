package io.otium.app.console;

import io.javalin.http.Context;
import java.util.HashMap;
import java.util.Map;

/** The models page: what is installed, in memory, and on its way. */
final class ModelRoutes {
  private final ConsoleModels models;
  private final Views views;

  ModelRoutes(ConsoleModels models, Views views) {
    this.models = models;
    this.views = views;
  }

  void register(GuardedRoutes routes) {
    routes.get("/models", this::page);
    routes.get("/models/starting", this::starting);
    routes.get("/models/list", ctx -> views.show(ctx, "modelList", list()));
    routes.post("/models/load", this::load);
    routes.post("/models/unload", this::unload);
    routes.post("/models/remove", this::remove);
    routes.get("/models/pulls", this::pulls);
    routes.post("/models/pulls", this::pull);
    routes.post("/models/pulls/cancel", this::cancel);
  }

  private void page(Context ctx) {
    Map<String, Object> parameters = list();
    parameters.put("shell", views.shell("Models", Shell.Section.MODELS, ""));
    parameters.put("pulls", models.pulls());
    views.show(ctx, "models", parameters);
  }

  /** Polled while the server starts; what comes last is nothing, which ends the polling. */
  private void starting(Context ctx) {
    views.show(ctx, "starting", Map.of("starting", models.starting()));
  }

  private void load(Context ctx) {
    models.open(param(ctx, "id"));
    views.show(ctx, "modelList", list());
  }

  private void unload(Context ctx) {
    models.unload(param(ctx, "id"));
    views.show(ctx, "modelList", list());
  }

  private void remove(Context ctx) {
    models.remove(param(ctx, "id"));
    views.show(ctx, "modelList", list());
  }

  private void pull(Context ctx) {
    models.pull(param(ctx, "source").strip());
    views.show(ctx, "pulls", Map.of("pulls", models.pulls()));
  }

  private void cancel(Context ctx) {
    try {
      models.cancelPull(Long.parseLong(param(ctx, "id")));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("There is no such pull", e);
    }
    views.show(ctx, "pulls", Map.of("pulls", models.pulls()));
  }

  /** Polled while something is fetched; the last answer tells the list of models to look again. */
  private void pulls(Context ctx) {
    var pulls = models.pulls();
    if (pulls.stream().noneMatch(pull -> pull.state() == ConsoleModels.Pull.State.RUNNING)) {
      ctx.header("HX-Trigger", "models-changed");
    }
    views.show(ctx, "pulls", Map.of("pulls", pulls));
  }

  private Map<String, Object> list() {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("models", models.installed());
    return parameters;
  }

  private static String param(Context ctx, String name) {
    String value = ctx.formParam(name);
    return value == null ? "" : value;
  }
}
