package io.otium.app.server;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the server listens and what it allows. */
@Doc("the OpenAI-compatible HTTP server")
public record ServerOptions(
    @Doc("address to listen on; anything but a loopback address is reachable by others")
        String host,
    @Doc("port to listen on; 0 takes any free one") @Range(min = 0, max = 65535) int port,
    @Doc("key that every request but /health must carry; none when absent") @Nullable String apiKey,
    @Doc("largest request body in bytes; larger ones get 413") @Range(min = 1024, max = 1L << 30)
        int maxBodyBytes,
    @Doc("largest uploaded file in bytes; larger ones get 413") @Range(min = 1024, max = 1L << 40)
        long maxFileBytes,
    @Doc("requests for a model in work or waiting at once; further ones get 429")
        @Range(min = 1, max = 10_000)
        int queue,
    @Doc("web origins that may call the API from a browser, or *; none by default")
        List<String> cors,
    @Doc("seconds that a stopping server lets answers finish") @Range(min = 0, max = 3600)
        int shutdownGraceSeconds,
    @Doc("write prompts and answers to the log") boolean logPrompts) {

  public ServerOptions {
    cors = List.copyOf(cors);
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port is " + port + "; allowed is 0 to 65535");
    }
    if (maxBodyBytes < 1024) {
      throw new IllegalArgumentException("maxBodyBytes is " + maxBodyBytes + "; at least 1024");
    }
    if (queue < 1) throw new IllegalArgumentException("queue is " + queue + "; at least 1");
    if (shutdownGraceSeconds < 0) {
      throw new IllegalArgumentException(
          "shutdownGraceSeconds is " + shutdownGraceSeconds + "; at least 0");
    }
    if (apiKey != null && apiKey.isBlank()) {
      throw new IllegalArgumentException("apiKey is blank; leave it out to need none");
    }
  }

  /** Localhost, port 8080, the key of {@code OTIUM_API_KEY} if that is set. */
  public static ServerOptions defaults() {
    String key = System.getenv("OTIUM_API_KEY");
    return new ServerOptions(
        "127.0.0.1",
        8080,
        key == null || key.isBlank() ? null : key,
        8 << 20,
        512L << 20,
        64,
        List.of(),
        30,
        false);
  }

  public ServerOptions withAddress(String newHost, int newPort) {
    return new ServerOptions(
        newHost,
        newPort,
        apiKey,
        maxBodyBytes,
        maxFileBytes,
        queue,
        cors,
        shutdownGraceSeconds,
        logPrompts);
  }

  public ServerOptions withApiKey(@Nullable String key) {
    return new ServerOptions(
        host, port, key, maxBodyBytes, maxFileBytes, queue, cors, shutdownGraceSeconds, logPrompts);
  }

  public ServerOptions withQueue(int bound) {
    return new ServerOptions(
        host,
        port,
        apiKey,
        maxBodyBytes,
        maxFileBytes,
        bound,
        cors,
        shutdownGraceSeconds,
        logPrompts);
  }

  public ServerOptions withCors(List<String> origins) {
    return new ServerOptions(
        host,
        port,
        apiKey,
        maxBodyBytes,
        maxFileBytes,
        queue,
        origins,
        shutdownGraceSeconds,
        logPrompts);
  }

  public ServerOptions withMaxBodyBytes(int bytes) {
    return new ServerOptions(
        host, port, apiKey, bytes, maxFileBytes, queue, cors, shutdownGraceSeconds, logPrompts);
  }

  public ServerOptions withMaxFileBytes(long bytes) {
    return new ServerOptions(
        host, port, apiKey, maxBodyBytes, bytes, queue, cors, shutdownGraceSeconds, logPrompts);
  }

  public ServerOptions withShutdownGraceSeconds(int seconds) {
    return new ServerOptions(
        host, port, apiKey, maxBodyBytes, maxFileBytes, queue, cors, seconds, logPrompts);
  }

  public ServerOptions withLogPrompts(boolean log) {
    return new ServerOptions(
        host, port, apiKey, maxBodyBytes, maxFileBytes, queue, cors, shutdownGraceSeconds, log);
  }
}
