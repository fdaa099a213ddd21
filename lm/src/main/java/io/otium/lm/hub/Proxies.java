package io.otium.lm.hub;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that the environment names, as curl and pip read it: {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY} and {@code ALL_PROXY} say who to ask, {@code NO_PROXY} for which hosts nobody; each
 * in lower case too. This machine itself is never asked for through a proxy.
 */
final class Proxies extends ProxySelector {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|.+\\.localhost|127\\.[0-9.]+|\\[?::1]?");

  /**
   * A proxy.
   *
   * @param user {@code NAME:PASSWORD} as it stands in the address, or null
   */
  private record Server(String host, int port, @Nullable String user) {
    InetSocketAddress address() {
      return InetSocketAddress.createUnresolved(host, port);
    }

    PasswordAuthentication credentials() {
      String[] parts = Objects.requireNonNull(user).split(":", 2);
      String password = parts.length > 1 ? parts[1] : "";
      return new PasswordAuthentication(decoded(parts[0]), decoded(password).toCharArray());
    }

    private static String decoded(String text) {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
  }

  private final @Nullable Server https;
  private final @Nullable Server http;
  private final List<String> direct;

  /**
   * @throws PullException if a proxy's address is none, with what is allowed
   */
  Proxies(Map<String, String> environment) {
    https = server(environment, "HTTPS_PROXY");
    http = server(environment, "HTTP_PROXY");
    direct =
        Stream.of(value(environment, "NO_PROXY").split("[,\\s]+"))
            .filter(host -> !host.isEmpty())
            .map(host -> host.toLowerCase(Locale.ROOT))
            .toList();
  }

  private static String value(Map<String, String> environment, String name) {
    String lower = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    return (lower.isBlank() ? environment.getOrDefault(name, "") : lower).strip();
  }

  private static @Nullable Server server(Map<String, String> environment, String name) {
    String own = value(environment, name);
    String from = own.isEmpty() ? "ALL_PROXY" : name;
    String address = own.isEmpty() ? value(environment, from) : own;
    if (address.isEmpty()) {
      return null;
    }
    try {
      URI uri = URI.create(address.contains("://") ? address : "http://" + address);
      if (uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme())) {
        int port = uri.getPort() < 0 ? 80 : uri.getPort();
        return new Server(uri.getHost(), port, uri.getRawUserInfo());
      }
    } catch (IllegalArgumentException e) {
      // said below; the address itself is not shown: there may be a password in it
    }
    throw new PullException(
        "%s names no proxy that can be used; allowed is http://[USER:PASSWORD@]HOST:PORT"
            .formatted(from));
  }

  /** Has a client ask through the proxies; where the environment names none, as Java is set. */
  static void apply(Map<String, String> environment, HttpClient.Builder client) {
    var proxies = new Proxies(environment);
    if (proxies.https == null && proxies.http == null) {
      return;
    }
    client.proxy(proxies);
    if (proxies.hasCredentials()) {
      // Java sends no password for a tunnel unless told to before its first client is made: ./otium
      // tells it, and this does in a program that has made none yet.
      String schemes = "jdk.http.auth.tunneling.disabledSchemes";
      if (System.getProperty(schemes) == null) {
        System.setProperty(schemes, "");
      }
      client.authenticator(proxies.authenticator());
    }
  }

  private boolean hasCredentials() {
    return (https != null && https.user() != null) || (http != null && http.user() != null);
  }

  private Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected @Nullable PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        return Stream.of(https, http)
            .filter(Objects::nonNull)
            .filter(server -> server.user() != null)
            .filter(server -> server.host().equalsIgnoreCase(getRequestingHost()))
            .filter(server -> server.port() == getRequestingPort())
            .map(Server::credentials)
            .findFirst()
            .orElse(null);
      }
    };
  }

  @Override
  public List<Proxy> select(URI uri) {
    Server server = "https".equalsIgnoreCase(uri.getScheme()) ? https : http;
    return List.of(
        server == null || isDirect(uri)
            ? Proxy.NO_PROXY
            : new Proxy(Proxy.Type.HTTP, server.address()));
  }

  private boolean isDirect(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return LOOPBACK.matcher(host).matches()
        || direct.stream().anyMatch(entry -> covers(entry, host, uri.getPort()));
  }

  /** {@code example.org} stands for its subdomains too, {@code *} for all. */
  private static boolean covers(String entry, String host, int port) {
    String name = entry.replaceFirst(":\\d+$", "");
    if (name.length() < entry.length() && !entry.endsWith(":" + port)) {
      return false;
    }
    String domain = name.replaceFirst("^\\*?\\.", "");
    return name.equals("*") || host.equals(domain) || host.endsWith("." + domain);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException error) {
    // told by whoever asked
  }
}
