package io.otium.lm.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks the hub's protocol on localhost, and a second one beside it that large files
 * are redirected to, as the hub does. Its faults can be chosen.
 */
final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** A request as it came in. */
  record Seen(String server, String path, @Nullable String authorization, @Nullable String range) {}

  /** Answers instead of the usual; says whether it did. */
  interface Fault {
    boolean answer(HttpExchange exchange) throws IOException;
  }

  final Map<String, byte[]> files = new TreeMap<>();
  final List<Seen> requests = new CopyOnWriteArrayList<>();
  final Map<String, Fault> faults = new ConcurrentHashMap<>();
  volatile boolean ranges = true;
  volatile boolean digests = true;
  volatile @Nullable String listing;

  /** Cuts so many answers of the file server after {@link #cutAfter} bytes. */
  final AtomicInteger cuts = new AtomicInteger();

  volatile int cutAfter = 1000;

  /** Sends so many answers with a wrong byte in them. */
  final AtomicInteger wrongBytes = new AtomicInteger();

  private final HttpServer hub;
  private final HttpServer storage;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  FakeHub() {
    hub = start("hub");
    storage = start("storage");
  }

  private HttpServer start(String name) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", exchange -> handle(name, exchange));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String address() {
    return "http://127.0.0.1:" + hub.getAddress().getPort();
  }

  private void handle(String server, HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(
          new Seen(
              server,
              path,
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestHeaders().getFirst("Range")));
      Fault fault = faults.get(path);
      if (fault != null && fault.answer(exchange)) {
        return;
      }
      if (path.startsWith("/api/models/")) {
        String json = listing;
        reply(exchange, 200, (json == null ? list() : json).getBytes(UTF_8));
        return;
      }
      String prefix = "/Org/Name/resolve/" + COMMIT + "/";
      if (path.startsWith(prefix) && files.containsKey(path.substring(prefix.length()))) {
        byte[] bytes = file(path.substring(prefix.length()));
        var headers = exchange.getResponseHeaders();
        if (bytes.length >= 1000) {
          headers.add("X-Linked-Etag", "\"" + etag(bytes) + "\"");
          headers.add("X-Linked-Size", "" + bytes.length);
          headers.add("X-Repo-Commit", COMMIT);
          headers.add(
              "Location",
              "http://127.0.0.1:%d/blob/%s"
                  .formatted(storage.getAddress().getPort(), path.substring(prefix.length())));
          reply(exchange, 302, new byte[0]);
        } else {
          headers.add("ETag", "\"" + blob(bytes) + "\"");
          reply(exchange, 200, bytes);
        }
        return;
      }
      if (path.startsWith("/blob/")) {
        serve(exchange, file(path.substring("/blob/".length())));
        return;
      }
      reply(exchange, 404, new byte[0]);
    }
  }

  private byte[] file(String name) {
    byte[] bytes = files.get(name);
    return bytes == null ? new byte[0] : bytes;
  }

  private void serve(HttpExchange exchange, byte[] all) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = 0;
    int to = all.length;
    exchange.getResponseHeaders().add("ETag", "\"storage-" + etag(all).substring(0, 8) + "\"");
    if (ranges && range != null) {
      String[] ends = range.substring("bytes=".length()).split("-");
      from = Integer.parseInt(ends[0]);
      to = Math.min(all.length, Integer.parseInt(ends[1]) + 1);
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, all.length));
    }
    byte[] bytes = java.util.Arrays.copyOfRange(all, from, to);
    if (bytes.length > 1 && wrongBytes.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      bytes[bytes.length / 2] ^= 1;
    }
    exchange.sendResponseHeaders(ranges && range != null ? 206 : 200, bytes.length);
    OutputStream out = exchange.getResponseBody();
    try {
      if (bytes.length > cutAfter && cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        out.write(bytes, 0, cutAfter);
        out.flush();
        return; // left open with bytes owed: closing the exchange cuts the connection
      }
      out.write(bytes);
      out.close();
    } catch (IOException e) {
      return; // the other side hung up
    }
  }

  static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Answers so many times with a status and a header, then as usual. */
  Fault refuses(int times, int status, String header, String value) {
    AtomicInteger left = new AtomicInteger(times);
    return exchange -> {
      if (left.getAndDecrement() <= 0) {
        return false;
      }
      exchange.getResponseHeaders().add(header, value);
      reply(exchange, status, new byte[0]);
      return true;
    };
  }

  private String list() {
    var root = ModelManifest.JSON.createObjectNode().put("id", "Org/Name").put("sha", COMMIT);
    root.putObject("cardData").put("license", "apache-2.0");
    var siblings = root.putArray("siblings");
    files.forEach(
        (name, bytes) -> {
          var entry = siblings.addObject().put("rfilename", name);
          if (digests) {
            entry.put("size", bytes.length).put("blobId", blob(bytes));
            if (bytes.length >= 1000) {
              entry.putObject("lfs").put("sha256", etag(bytes)).put("size", bytes.length);
            }
          }
        });
    return root.toString();
  }

  static String etag(byte[] bytes) {
    var digest = Digests.of("SHA-256");
    digest.update(bytes);
    return Digests.hex(digest);
  }

  private static String blob(byte[] bytes) {
    var digest = Digests.of("SHA-1");
    digest.update(("blob " + bytes.length + "\0").getBytes(UTF_8));
    digest.update(bytes);
    return Digests.hex(digest);
  }

  @Override
  public void close() {
    hub.stop(0);
    storage.stop(0);
    threads.close();
  }
}
