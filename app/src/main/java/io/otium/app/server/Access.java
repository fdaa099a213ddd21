package io.otium.app.server;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask: the API key, and for browsers the Host and Origin headers, so that neither another
 * web page nor a name that was rebound to this machine can reach a server on localhost.
 */
public final class Access {
  /** Cookie that carries the API key for browsers; set it HttpOnly and SameSite=Strict. */
  public static final String COOKIE = "otium_key";

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final byte @Nullable [] key;
  private final List<String> cors;
  private final Set<String> hosts;
  private final Predicate<String> open;

  Access(ServerOptions options, Predicate<String> open) {
    String apiKey = options.apiKey();
    this.key = apiKey == null ? null : apiKey.getBytes(StandardCharsets.UTF_8);
    this.cors = options.cors();
    this.hosts = isLoopback(options.host()) ? LOOPBACK : Set.of();
    this.open = open;
  }

  /** Whether requests must carry a key. */
  public boolean needsKey() {
    return key != null;
  }

  /** Whether the server listens on a loopback address only. */
  boolean staysLocal() {
    return !hosts.isEmpty();
  }

  /** Whether this is the key (or none is needed); takes equally long for every wrong one. */
  public boolean accepts(@Nullable String candidate) {
    if (key == null) return true;
    return candidate != null
        && MessageDigest.isEqual(key, candidate.getBytes(StandardCharsets.UTF_8));
  }

  /** Sets the headers of every answer. */
  void protect(Context ctx) {
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("X-Frame-Options", "DENY");
    ctx.header("Referrer-Policy", "no-referrer");
    ctx.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (ctx.path().startsWith("/v1/")) ctx.header("Cache-Control", "no-store");
    String origin = ctx.header("Origin");
    if (!cors.isEmpty()) ctx.header("Vary", "Origin");
    if (origin != null && isAllowedOrigin(origin)) {
      ctx.header("Access-Control-Allow-Origin", cors.contains("*") ? "*" : origin);
      ctx.header("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
    } else {
      ctx.header("Cross-Origin-Resource-Policy", "same-origin");
    }
  }

  /** Answers a browser's question whether a page of another origin may ask; true if it was one. */
  boolean answersPreflight(Context ctx) {
    String origin = ctx.header("Origin");
    if (origin == null
        || ctx.header("Access-Control-Request-Method") == null
        || !ctx.req().getMethod().equals("OPTIONS")
        || !isAllowedOrigin(origin)) {
      return false;
    }
    ctx.header("Access-Control-Allow-Methods", "GET, POST, DELETE");
    ctx.header("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id");
    ctx.header("Access-Control-Max-Age", "600");
    ctx.status(204);
    return true;
  }

  /**
   * Lets a request pass.
   *
   * @throws ApiException 401 without the right key, 403 from a foreign host or origin
   */
  void check(Context ctx) {
    checkHost(ctx.header("Host"));
    checkOrigin(ctx.header("Origin"), ctx.header("Host"));
    if (ctx.path().equals("/health") || open.test(ctx.path())) return;
    if (key == null) return;
    String header = ctx.header("Authorization");
    boolean bearer = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7);
    String candidate = bearer ? header.substring(7).strip() : ctx.cookie(COOKIE);
    if (!accepts(candidate)) {
      throw new ApiException(
          401,
          "invalid_request_error",
          null,
          "invalid_api_key",
          candidate == null
              ? "this server needs an API key: send the header 'Authorization: Bearer KEY'"
              : "the API key is not the one this server was started with");
    }
  }

  private void checkHost(@Nullable String host) {
    if (hosts.isEmpty()) return;
    if (host == null || !hosts.contains(hostname(host))) {
      throw new ApiException(
          403,
          "invalid_request_error",
          null,
          "forbidden_host",
          "this server listens on localhost and answers to that name only, not to '"
              + Quote.of(host == null ? "" : host)
              + "'");
    }
  }

  private void checkOrigin(@Nullable String origin, @Nullable String host) {
    if (origin == null || isAllowedOrigin(origin)) return;
    if (host == null || !host.equalsIgnoreCase(authority(origin))) {
      throw new ApiException(
          403,
          "invalid_request_error",
          null,
          "forbidden_origin",
          "pages of the origin '" + Quote.of(origin) + "' may not call this server (see cors)");
    }
  }

  private boolean isAllowedOrigin(String origin) {
    return cors.contains("*") || cors.contains(origin);
  }

  private static @Nullable String authority(String origin) {
    try {
      return URI.create(origin).getAuthority();
    } catch (IllegalArgumentException unreadable) {
      return null;
    }
  }

  private static String hostname(String host) {
    int port = host.startsWith("[") ? host.indexOf(':', host.indexOf(']')) : host.indexOf(':');
    String name = port < 0 ? host : host.substring(0, port);
    return name.toLowerCase(Locale.ROOT);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }
}
