package io.otium.app.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/** Clients of a server that speaks OpenAI's API, streaming their answers at the same time. */
final class StreamLoad implements AutoCloseable {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String DATA = "data: ";

  /** Common words, most of them a token each. */
  private static final List<String> WORDS =
      List.of("the", "time", "of", "water", "and", "city", "in", "people", "was", "house", "day");

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI server;
  private final String model;
  private int asked;

  StreamLoad(URI server) throws IOException {
    this.server = server;
    this.model = firstModel();
  }

  /**
   * One answer as it came.
   *
   * @param times of its pieces, in nanoseconds
   * @param tokens of the whole answer
   */
  record Answer(List<Long> times, int tokens) {
    Answer {
      times = List.copyOf(times);
    }

    /** Pieces after {@code from} and up to {@code to}, as tokens. */
    double tokensWithin(long from, long to) {
      long pieces = times.stream().filter(time -> time > from && time <= to).count();
      return pieces * (double) tokens / times.size();
    }
  }

  private String firstModel() throws IOException {
    HttpResponse<String> response =
        send(HttpRequest.newBuilder(server.resolve("/v1/models")).build(), BodyHandlers.ofString());
    return MAPPER.readTree(response.body()).at("/data/0/id").asText();
  }

  /**
   * Tokens a second of all streams together, while all of them stream: from the last one's first
   * token to the first one's last.
   *
   * @param tokens of each answer
   */
  double tokensPerSecond(int streams, int tokens) {
    List<FutureTask<Answer>> tasks = new ArrayList<>();
    for (int stream = 0; stream < streams; stream++) {
      String prompt = words(12);
      tasks.add(new FutureTask<>(() -> answer(prompt, tokens)));
    }
    tasks.forEach(task -> Thread.ofVirtual().start(task));
    return together(tasks.stream().map(StreamLoad::await).toList());
  }

  /** See {@link #tokensPerSecond}. */
  static double together(List<Answer> answers) {
    long from = answers.stream().mapToLong(a -> a.times().getFirst()).max().orElseThrow();
    long to = answers.stream().mapToLong(a -> a.times().getLast()).min().orElseThrow();
    if (to <= from) {
      throw new BenchException("the streams did not run at the same time; give them more --tokens");
    }
    double tokens = answers.stream().mapToDouble(a -> a.tokensWithin(from, to)).sum();
    return tokens / ((to - from) * 1e-9);
  }

  /** Other words each time, so that no cache knows how they begin. */
  String words(int count) {
    asked++;
    StringBuilder text = new StringBuilder("Number ").append(7919 * asked).append(':');
    for (int i = 0; i < count; i++) {
      text.append(' ').append(WORDS.get((asked * 5 + i * i + i / 3) % WORDS.size()));
    }
    return text.toString();
  }

  /**
   * One streamed answer, of exactly this many tokens.
   *
   * @throws BenchException if the server refuses or says nothing
   */
  Answer answer(String prompt, int tokens) throws IOException {
    var body = MAPPER.createObjectNode().put("model", model).put("prompt", prompt);
    body.put("max_tokens", tokens).put("temperature", 0).put("ignore_eos", true);
    body.put("stream", true).putObject("stream_options").put("include_usage", true);
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve("/v1/completions"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()))
            .build();
    HttpResponse<Stream<String>> response = send(request, BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      if (response.statusCode() != 200) {
        throw new BenchException(
            "the server answered %d: %s"
                .formatted(response.statusCode(), lines.findFirst().orElse("")));
      }
      return read(lines);
    }
  }

  private static Answer read(Stream<String> lines) throws IOException {
    List<Long> times = new ArrayList<>();
    int tokens = 0;
    for (String line : (Iterable<String>) lines::iterator) {
      if (!line.startsWith(DATA + "{")) continue;
      long now = System.nanoTime();
      JsonNode event = MAPPER.readTree(line.substring(DATA.length()));
      if (!event.at("/choices/0/text").asText().isEmpty()) times.add(now);
      tokens = event.at("/usage/completion_tokens").asInt(tokens);
    }
    if (times.isEmpty()) throw new BenchException("the server's answer had no text");
    return new Answer(times, tokens == 0 ? times.size() : tokens);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return client.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the benchmark was interrupted");
    }
  }

  private static Answer await(FutureTask<Answer> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the benchmark was interrupted");
    } catch (ExecutionException e) {
      throw new BenchException("a stream broke off: " + e.getCause(), e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
