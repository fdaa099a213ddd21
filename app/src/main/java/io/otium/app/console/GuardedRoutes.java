package io.otium.app.console;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes that cannot be reached past the {@link ConsoleGuard}, and whose errors are sentences. */
final class GuardedRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedRoutes.class);

  private final RoutesConfig routes;
  private final ConsoleGuard guard;

  GuardedRoutes(RoutesConfig routes, ConsoleGuard guard) {
    this.routes = routes;
    this.guard = guard;
  }

  void get(String path, Handler handler) {
    routes.get(path, guarded(handler));
  }

  void post(String path, Handler handler) {
    routes.post(path, guarded(handler));
  }

  void delete(String path, Handler handler) {
    routes.delete(path, guarded(handler));
  }

  /** For what a browser needs before it has shown the API key: the login page and its assets. */
  void getOpen(String path, Handler handler) {
    routes.get(path, caught(checked(handler)));
  }

  void postOpen(String path, Handler handler) {
    routes.post(path, caught(checked(handler)));
  }

  private Handler guarded(Handler handler) {
    return caught(
        checked(
            ctx -> {
              if (guard.knows(ctx)) {
                handler.handle(ctx);
              } else if (ctx.header("HX-Request") != null) {
                ctx.header("HX-Redirect", "/login").status(204);
              } else {
                ctx.redirect("/login");
              }
            }));
  }

  private Handler checked(Handler handler) {
    return ctx -> {
      guard.check(ctx);
      handler.handle(ctx);
    };
  }

  private static Handler caught(Handler handler) {
    return ctx -> {
      try {
        handler.handle(ctx);
      } catch (HttpResponseException refused) {
        say(ctx, refused.getStatus(), refused.getMessage());
      } catch (IllegalArgumentException refused) {
        say(ctx, 400, refused.getMessage());
      } catch (RuntimeException broken) {
        LOG.error("{} {} failed", ctx.method(), ctx.path(), broken);
        say(ctx, 500, "The console failed on this; the server's log says more");
      }
    };
  }

  private static void say(
      Context ctx, int status, @org.jspecify.annotations.Nullable String sentence) {
    ctx.status(status).contentType("text/plain; charset=utf-8");
    ctx.result(sentence == null ? "Refused" : sentence);
  }
}
