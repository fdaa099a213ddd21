package io.otium.app.server;

import io.javalin.config.JavalinConfig;

/** Further routes on the same server, such as the console's. */
public interface ServerExtension {
  /**
   * Adds routes with {@code config.routes}, before the server starts. Every route has the API key,
   * Host and Origin checks in front of it already (see {@link #isOpen}), the security headers and
   * request id on its answers, and {@link ApiException} turned into OpenAI's error shape. A page
   * that needs another Content-Security-Policy sets that header itself.
   */
  void register(JavalinConfig config, ServerContext context);

  /**
   * Whether a path needs no API key: a login page and its assets. A browser that has no
   * Authorization header may carry the key in the cookie {@link Access#COOKIE}.
   */
  default boolean isOpen(String path) {
    return false;
  }
}
