package io.otium.app.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every failure as OpenAI's error shape; what a caller cannot mend is logged here, not told. */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  /** nginx's status for a client that went away; nobody reads it but the log. */
  static final int CLIENT_GONE = 499;

  private Refusals() {}

  static void register(RoutesConfig routes) {
    routes.exception(ApiException.class, (refusal, ctx) -> answer(ctx, refusal));
    routes.exception(ClientGoneException.class, (gone, ctx) -> ctx.status(CLIENT_GONE));
    routes.exception(HttpResponseException.class, (refusal, ctx) -> answer(ctx, of(ctx, refusal)));
    routes.exception(Exception.class, (failure, ctx) -> answer(ctx, internal(ctx, failure)));
  }

  static void answer(Context ctx, ApiException refusal) {
    if (ctx.res().isCommitted()) return;
    ctx.status(refusal.status());
    if (refusal.status() == 401) ctx.header("WWW-Authenticate", "Bearer");
    if (refusal.status() == 429) ctx.header("Retry-After", "1");
    if (refusal.status() == 503) ctx.header("Retry-After", "5");
    if (refusal.status() == 413) ctx.header("Connection", "close");
    Json.answer(ctx, refusal.toJson());
  }

  /** 500 for a failure of ours: the log has it whole, the caller its request's id. */
  static ApiException internal(Context ctx, Throwable failure) {
    log.error("{} {} failed", ctx.req().getMethod(), Quote.of(ctx.path()), failure);
    return internal(RequestIds.of(ctx));
  }

  /** An {@link Error}, such as a stack overflow, which no exception handler sees. */
  static void answer(HttpServletResponse response, Error failure) {
    log.error("a request failed", failure);
    if (response.isCommitted()) return;
    response.setStatus(500);
    response.setContentType("application/json");
    String id = response.getHeader(RequestIds.HEADER);
    try {
      response.getOutputStream().write(Json.bytes(internal(id == null ? "-" : id).toJson()));
    } catch (IOException gone) {
      log.debug("nobody heard of it", gone);
    }
  }

  private static ApiException internal(String requestId) {
    return new ApiException(
        500,
        "server_error",
        null,
        "internal_error",
        "the server failed on this request; its log tells more under request id " + requestId);
  }

  private static ApiException of(Context ctx, HttpResponseException refusal) {
    String what =
        switch (refusal.getStatus()) {
          case 404 -> "there is nothing at " + Quote.of(ctx.path());
          case 405 ->
              Quote.of(ctx.req().getMethod()) + " is not possible at " + Quote.of(ctx.path());
          default -> String.valueOf(refusal.getMessage());
        };
    String code =
        switch (refusal.getStatus()) {
          case 404 -> "not_found";
          case 405 -> "method_not_allowed";
          default -> null;
        };
    String type = refusal.getStatus() >= 500 ? "server_error" : "invalid_request_error";
    return new ApiException(refusal.getStatus(), type, null, code, what);
  }
}
