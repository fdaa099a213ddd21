package io.otium.lm.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * GET over HTTP, with redirects followed by hand: credentials go only to the server they are for,
 * and what the hub says about a file in its redirect is not lost. HTTP/1.1, because several ranges
 * of a file come faster over several connections than over one.
 */
final class Transport {
  private static final int MOST_REDIRECTS = 8;

  /**
   * How patient to be.
   *
   * @param idle longest silence in the middle of an answer
   * @param tries in a row that bring nothing, before giving up
   * @param firstWait before the second try; doubles each time
   * @param longestWait that a server may ask for
   */
  record Patience(
      Duration connect, Duration idle, int tries, Duration firstWait, Duration longestWait) {
    static final Patience DEFAULT =
        new Patience(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            6,
            Duration.ofMillis(500),
            Duration.ofMinutes(2));
  }

  /** Waits; an interface so that tests need not. */
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  /**
   * Credentials for one server; sent to no other.
   *
   * @param origin scheme, host and port
   */
  record Auth(URI origin, String header) {
    boolean isFor(URI uri) {
      return origin.getScheme().equalsIgnoreCase(uri.getScheme())
          && origin.getHost().equalsIgnoreCase(uri.getHost())
          && port(origin) == port(uri);
    }

    private static int port(URI uri) {
      return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
    }

    @Override
    public String toString() {
      return "Auth[" + origin.getHost() + "]";
    }
  }

  /**
   * An answer, its body not yet read.
   *
   * @param etag of the file itself: the hub's {@code X-Linked-Etag} where there is one
   * @param linkedSize the hub's {@code X-Linked-Size}, or -1
   */
  record Reply(
      URI uri,
      int status,
      HttpHeaders headers,
      @Nullable String etag,
      long linkedSize,
      InputStream body)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      body.close();
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  private final Supplier<HttpClient> client;
  final Patience patience;
  final Pause pause;

  /**
   * Over a client that follows no redirects itself.
   *
   * @param client made at the first request: reading certificates takes a while
   */
  Transport(Supplier<HttpClient> client, Patience patience, Pause pause) {
    this.client = client;
    this.patience = patience;
    this.pause = pause;
  }

  /**
   * Asks once. The status may be anything but a redirect.
   *
   * @throws IOException if no whole answer's head arrived
   */
  Reply get(URI uri, @Nullable Auth auth, Map<String, String> headers) throws IOException {
    URI at = uri;
    String etag = null;
    long size = -1;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpRequest.Builder request = HttpRequest.newBuilder(at).timeout(patience.idle());
      request.header("User-Agent", "otium");
      headers.forEach(request::header);
      if (auth != null && auth.isFor(at)) {
        request.header("Authorization", auth.header());
      }
      HttpResponse<InputStream> response = send(request.build());
      HttpHeaders got = response.headers();
      etag = etag == null ? got.firstValue("X-Linked-Etag").orElse(null) : etag;
      size = size < 0 ? number(got.firstValue("X-Linked-Size").orElse("")) : size;
      int status = response.statusCode();
      if (status < 300 || status >= 400 || status == 304) {
        String own = got.firstValue("ETag").orElse(null);
        return new Reply(
            at,
            status,
            got,
            unquoted(etag == null ? own : etag),
            size,
            new Watched(response.body(), patience.idle()));
      }
      response.body().close();
      at = next(at, got.firstValue("Location").orElse(""));
    }
    throw new PullException(
        "%s redirects in a circle; report it to who runs that server".formatted(uri.getHost()));
  }

  private static URI next(URI from, String location) {
    try {
      URI to = from.resolve(URI.create(location));
      boolean web = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
      boolean weaker = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
      if (!location.isEmpty() && web && to.getHost() != null && !weaker) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new PullException(
        "%s redirects to '%s', which is not followed: only https, or http from http"
            .formatted(from.getHost(), SafeName.printable(location)));
  }

  /** The proxy that a server is asked through, as {@code HOST:PORT}; empty for none. */
  String proxyFor(URI uri) {
    return client
        .get()
        .proxy()
        .map(selector -> selector.select(uri).getFirst().address())
        .map(address -> address instanceof InetSocketAddress at ? at : null)
        .map(at -> at.getHostString() + ":" + at.getPort())
        .orElse("");
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.get().send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("The pull was interrupted");
    }
  }

  /**
   * A whole small document, tried several times.
   *
   * @param explain says what a refusal (4xx) means to the user
   */
  byte[] document(URI uri, @Nullable Auth auth, String accept, int mostBytes, Refusals explain) {
    Retries retries = new Retries(this, uri);
    while (true) {
      try (Reply reply = get(uri, auth, Map.of("Accept", accept))) {
        if (reply.status() != 200) {
          throw refusal(reply, explain);
        }
        byte[] bytes = reply.body().readNBytes(mostBytes + 1);
        if (bytes.length > mostBytes) {
          throw new PullException(
              "%s answered with more than %s where a short list was due"
                  .formatted(uri.getHost(), Disk.size(mostBytes)));
        }
        return bytes;
      } catch (IOException e) {
        retries.failed(e);
      }
    }
  }

  /** Explains refusals of one kind of server. */
  interface Refusals {
    PullException explain(Reply reply);
  }

  /**
   * What to throw for an answer that is no success.
   *
   * @return never: throws {@link Retries.Busy} where a later try may do, else what {@code explain}
   *     says
   */
  static PullException refusal(Reply reply, Refusals explain) throws IOException {
    int status = reply.status();
    if (status == 407) {
      throw new PullException(
          "The proxy wants a name and password (status 407); write them into HTTPS_PROXY or"
              + " HTTP_PROXY: http://USER:PASSWORD@HOST:PORT");
    }
    if (status == 408 || status == 429 || status >= 500) {
      throw new Retries.Busy(status, Retries.retryAfter(reply.header("Retry-After")));
    }
    return explain.explain(reply);
  }

  static long number(String text) {
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
  }

  private static @Nullable String unquoted(@Nullable String etag) {
    // A weak etag promises no equal bytes: as good as none.
    return etag == null || etag.startsWith("W/") ? null : etag.replace("\"", "");
  }

  /** Closes a body that has been silent for too long, so that its reader wakes up and retries. */
  private static final class Watched extends FilterInputStream {
    private final Thread watch;
    private volatile long lastByte = System.nanoTime();

    Watched(InputStream body, Duration idle) {
      super(body);
      watch =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (System.nanoTime() - lastByte < idle.toNanos()) {
                        Thread.sleep(idle.dividedBy(4));
                      }
                      body.close();
                    } catch (InterruptedException | IOException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = Objects.requireNonNull(in).read(buffer, offset, length);
      lastByte = System.nanoTime();
      return n;
    }

    @Override
    public void close() throws IOException {
      watch.interrupt();
      super.close();
    }
  }
}
