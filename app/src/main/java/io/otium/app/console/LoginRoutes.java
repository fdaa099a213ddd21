package io.otium.app.console;

import io.javalin.http.Context;
import java.util.Map;

/** Where a browser shows the API key, if the server has one. */
final class LoginRoutes {
  private final ConsoleGuard guard;
  private final Views views;
  private final String assets;

  LoginRoutes(ConsoleGuard guard, Views views, String assets) {
    this.guard = guard;
    this.views = views;
    this.assets = assets;
  }

  void register(GuardedRoutes routes) {
    routes.getOpen("/login", ctx -> show(ctx, ""));
    routes.postOpen("/login", this::login);
  }

  private void login(Context ctx) {
    String key = ctx.formParam("key");
    if (key != null && guard.admit(ctx, key.strip())) {
      ctx.redirect("/", io.javalin.http.HttpStatus.SEE_OTHER);
    } else {
      ctx.status(401);
      show(ctx, "This is not the key that the server was started with.");
    }
  }

  private void show(Context ctx, String problem) {
    if (guard.knows(ctx)) {
      ctx.redirect("/");
    } else {
      views.show(ctx, "login", Map.of("assets", assets, "problem", problem));
    }
  }
}
