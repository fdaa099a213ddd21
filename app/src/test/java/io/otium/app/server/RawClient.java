package io.otium.app.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that can do what proper ones do not: hang up, read nothing, talk out of turn. */
final class RawClient implements AutoCloseable {
  private final Socket socket = new Socket();

  RawClient(OtiumServer server) {
    try {
      // Small, so that a reader who does not read fills it soon.
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static String post(String path, String body) {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, body.getBytes(StandardCharsets.UTF_8).length, body);
  }

  void send(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Reads until these words have come. */
  String readUntil(String words) {
    var read = new StringBuilder();
    try {
      while (read.indexOf(words) < 0) {
        int next = socket.getInputStream().read();
        if (next < 0) throw new AssertionError("the connection ended after: " + read);
        read.append((char) next);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return read.toString();
  }

  /** Reads until the server closes the connection. */
  String readAll() {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
