package io.otium.app.console;

import io.javalin.http.Context;
import java.util.List;
import java.util.Map;

/** The page of calls to copy, with this server's address and model filled in. */
final class ApiRoutes {
  private final ConsoleModels models;
  private final Views views;
  private final boolean keyed;

  /**
   * @param keyed whether the server wants an API key
   */
  ApiRoutes(ConsoleModels models, Views views, boolean keyed) {
    this.models = models;
    this.views = views;
    this.keyed = keyed;
  }

  void register(GuardedRoutes routes) {
    routes.get("/api", this::page);
  }

  private void page(Context ctx) {
    String address = ctx.scheme() + "://" + ctx.header("Host");
    List<InstalledModel> installed = models.installed();
    String model = installed.isEmpty() ? "MODEL" : installed.getFirst().id();
    views.show(
        ctx,
        "api",
        Map.of(
            "shell",
            views.shell("API", Shell.Section.API, ""),
            "address",
            address,
            "model",
            model,
            "keyed",
            keyed,
            "languages",
            ApiCalls.all(address, model, keyed)));
  }
}
