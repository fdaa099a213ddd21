package io.otium.app.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

/** Plain requests to a server under test. */
final class Http implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  /** An answer: its status, body as text and headers. */
  record Answer(int status, String body, HttpResponse<?> response) {
    JsonNode json() {
      return parse(body);
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    JsonNode error() {
      return json().path("error");
    }

    /** The JSON of each server-sent event; the closing [DONE] must be there and is left out. */
    List<JsonNode> events() {
      var events = new ArrayList<JsonNode>();
      boolean done = false;
      for (String line : body.split("\n")) {
        if (line.isBlank()) continue;
        if (done || !line.startsWith("data: ")) throw new AssertionError("not an event: " + line);
        if (line.equals("data: [DONE]")) {
          done = true;
        } else {
          events.add(parse(line.substring(6)));
        }
      }
      if (!done) throw new AssertionError("the stream did not end with [DONE]: " + body);
      return events;
    }
  }

  Http(OtiumServer server) {
    base = server.uri();
  }

  Answer get(String path, String... headers) {
    return send(request(path, headers).GET().build());
  }

  Answer post(String path, String body, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  Answer post(String path, byte[] body) {
    return send(request(path).POST(BodyPublishers.ofByteArray(body)).build());
  }

  Answer method(String method, String path, String... headers) {
    return send(request(path, headers).method(method, BodyPublishers.noBody()).build());
  }

  private HttpRequest.Builder request(String path, String... headers) {
    var request = HttpRequest.newBuilder(base.resolve(path));
    if (headers.length > 0) request.headers(headers);
    return request;
  }

  private Answer send(HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response);
    } catch (IOException failed) {
      throw new AssertionError(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException invalid) {
      throw new AssertionError("not JSON: " + text, invalid);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
