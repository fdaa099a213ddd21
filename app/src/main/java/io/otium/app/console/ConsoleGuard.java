package io.otium.app.console;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HandlerType;
import io.javalin.http.SameSite;
import io.otium.app.server.Access;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other sites out of the console. A changing request must come from a page of this very
 * origin; the name in the address bar must be one that cannot be pointed here by a stranger's DNS;
 * and what a page may run, load and be framed by is fixed by its headers.
 */
final class ConsoleGuard {
  static final String CONTENT_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
          + " frame-ancestors 'none'";

  private static final Set<HandlerType> READING =
      Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.OPTIONS);
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-f:.%]+]");

  private final Set<String> hosts;
  private final Access access;

  /**
   * @param hosts names that the server is reached by, beside {@code localhost} and IP addresses
   */
  ConsoleGuard(Set<String> hosts, Access access) {
    this.hosts = Set.copyOf(hosts);
    this.access = access;
  }

  /** Whether the browser has shown the API key, where the server has one. */
  boolean knows(Context request) {
    return access.accepts(request.cookie(Access.COOKIE));
  }

  /** Takes a key from the login form; false if it is not the key. */
  boolean admit(Context request, String key) {
    if (!access.accepts(key)) {
      return false;
    }
    Cookie cookie = new Cookie(Access.COOKIE, key);
    cookie.setHttpOnly(true);
    cookie.setSameSite(SameSite.STRICT);
    cookie.setSecure(request.scheme().equals("https"));
    request.cookie(cookie);
    return true;
  }

  /**
   * Sets the headers and refuses what comes from elsewhere.
   *
   * @throws ForbiddenResponse with the reason
   */
  void check(Context request) {
    request.header("Content-Security-Policy", CONTENT_POLICY);
    request.header("X-Content-Type-Options", "nosniff");
    request.header("Referrer-Policy", "no-referrer");
    request.header("Cross-Origin-Opener-Policy", "same-origin");
    request.header("Cross-Origin-Resource-Policy", "same-origin");
    String host = request.header("Host");
    if (host == null || !trusted(host)) {
      throw new ForbiddenResponse(
          "The console is not served under this host name; use localhost or the IP address");
    }
    if (!READING.contains(request.method()) && !sameOrigin(request, host)) {
      throw new ForbiddenResponse("The console takes changes only from its own pages");
    }
  }

  private boolean trusted(String host) {
    String name = host.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || ADDRESS.matcher(name).matches()
        || hosts.contains(name);
  }

  /** Browsers say where a request comes from, in one header or the other. */
  private static boolean sameOrigin(Context request, String host) {
    String site = request.header("Sec-Fetch-Site");
    if (site != null) {
      return site.equals("same-origin");
    }
    return host.equalsIgnoreCase(authority(request.header("Origin")));
  }

  private static @Nullable String authority(@Nullable String origin) {
    try {
      return origin == null ? null : new URI(origin).getRawAuthority();
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
