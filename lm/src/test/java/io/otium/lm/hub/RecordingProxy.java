package io.otium.lm.hub;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A proxy on localhost that takes every host's name for one server, and keeps what it is asked. */
final class RecordingProxy implements AutoCloseable {
  /** First lines of the requests, in order. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** Connections let through. */
  final AtomicInteger opened = new AtomicInteger();

  /** {@code NAME:PASSWORD} that it asks for, or null. */
  volatile @Nullable String password;

  private final ServerSocket door;
  private final URI server;

  RecordingProxy(URI server) {
    this.server = server;
    try {
      door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::listen);
  }

  String address() {
    return "http://127.0.0.1:" + door.getLocalPort();
  }

  private void listen() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Thread.ofVirtual().start(() -> answer(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void answer(Socket client) {
    try (client;
        var origin = new Socket(server.getHost(), server.getPort())) {
      String head = head(client.getInputStream());
      String first = head.substring(0, head.indexOf("\r\n"));
      requests.add(first);
      if (!isAllowed(head)) {
        write(
            client,
            """
            HTTP/1.1 407 Proxy Authentication Required
            Proxy-Authenticate: Basic realm="x"
            Content-Length: 0
            Connection: close

            """
                .replace("\n", "\r\n"));
        return;
      }
      opened.incrementAndGet();
      if (first.startsWith("CONNECT ")) {
        write(client, "HTTP/1.1 200 Connection established\r\n\r\n");
      } else {
        // One request a connection: the next one may be for another host.
        String path = first.replaceFirst(" http://[^/]+", " ");
        write(origin, path + "\r\nConnection: close" + head.substring(first.length()));
      }
      Thread back = Thread.ofVirtual().start(() -> copy(origin, client));
      copy(client, origin);
      back.join();
    } catch (IOException | InterruptedException hungUp) {
      // nothing more to pass on
    }
  }

  private boolean isAllowed(String head) {
    String wanted = password;
    return wanted == null
        || head.contains(
            "Proxy-Authorization: Basic "
                + Base64.getEncoder().encodeToString(wanted.getBytes(ISO_8859_1)));
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) throw new IOException("hung up");
      head.append((char) next);
    }
    return head.toString();
  }

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(ISO_8859_1));
    to.getOutputStream().flush();
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException hungUp) {
      // the other direction ends too
    }
  }

  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
