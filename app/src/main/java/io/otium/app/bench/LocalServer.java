package io.otium.app.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, on a port of this machine, until it is closed. */
final class LocalServer implements AutoCloseable {
  private static final Duration MOST_LOADING = Duration.ofMinutes(10);
  private static final Duration MOST_STOPPING = Duration.ofSeconds(20);

  private final Process process;
  private final Thread end;
  private final Path log;
  private final URI uri;

  private LocalServer(Process process, Thread end, Path log, URI uri) {
    this.process = process;
    this.end = end;
    this.log = log;
    this.uri = uri;
  }

  /**
   * Starts a server and waits until its {@code /health} answers.
   *
   * @param command to be followed by {@code --port} and a number
   * @throws BenchException if it ends before that, with the last line it said
   */
  static LocalServer start(Command command) throws IOException {
    int port = freePort();
    Path log = Files.createTempFile("otium-", "-server.log");
    Command whole = command.with("--port", port);
    Process process =
        whole.start(whole.builder().redirectErrorStream(true).redirectOutput(log.toFile()));
    process.getOutputStream().close();
    var end = new Thread(process::destroyForcibly, "end " + command.name());
    Runtime.getRuntime().addShutdownHook(end);
    var server = new LocalServer(process, end, log, URI.create("http://127.0.0.1:" + port));
    try {
      server.awaitHealth(command.name());
      return server;
    } catch (RuntimeException | IOException e) {
      server.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitHealth(String name) throws IOException {
    HttpRequest health = HttpRequest.newBuilder(uri.resolve("/health")).build();
    long deadline = System.nanoTime() + MOST_LOADING.toNanos();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (System.nanoTime() < deadline) {
        if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
          String said = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
          throw new BenchException(
              "%s ended with code %d before it served: %s"
                  .formatted(name, process.exitValue(), Command.lastLine(said)));
        }
        try {
          if (client.send(health, BodyHandlers.discarding()).statusCode() == 200) return;
        } catch (IOException notYet) {
          // Nobody listens so far.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the benchmark was interrupted");
    }
    throw new BenchException(
        "%s did not serve within %d minutes".formatted(name, MOST_LOADING.toMinutes()));
  }

  URI uri() {
    return uri;
  }

  long pid() {
    return process.pid();
  }

  /** Asks the server to stop, and makes it. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(MOST_STOPPING.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Command.forget(end);
    try {
      Files.deleteIfExists(log);
    } catch (IOException kept) {
      // A small file in the temporary folder is no reason to fail.
    }
  }
}
