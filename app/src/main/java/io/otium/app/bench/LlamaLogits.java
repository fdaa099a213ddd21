package io.otium.app.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/** What a server of llama.cpp makes of prompts: their tokens, and the token after them. */
final class LlamaLogits implements AutoCloseable {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final LocalServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  /**
   * @param command starts the server with the model
   */
  LlamaLogits(Command command) throws IOException {
    this.server = LocalServer.start(command);
  }

  /**
   * The largest difference of log-probabilities after each prompt, and after its first half.
   *
   * @throws BenchException if llama.cpp reads a prompt as other tokens
   */
  double difference(Exports exports) throws IOException {
    double largest = 0;
    for (Exports.Prompt prompt : exports.prompts()) {
      requireTokens(prompt);
      for (int length : new int[] {prompt.tokens().length / 2, prompt.tokens().length}) {
        float[] ours = prompt.logProbs()[length - 1];
        float[] theirs = after(Arrays.copyOf(prompt.tokens(), length), ours.length);
        largest = Math.max(largest, Exports.difference(ours, theirs));
      }
    }
    return largest;
  }

  private void requireTokens(Exports.Prompt prompt) throws IOException {
    String text = prompt.text();
    if (prompt.chat()) {
      ObjectNode chat = MAPPER.createObjectNode();
      chat.putArray("messages").addObject().put("role", "user").put("content", text);
      text = post("/apply-template", chat).path("prompt").asText();
    }
    ObjectNode asked = MAPPER.createObjectNode().put("content", text);
    asked.put("add_special", false).put("parse_special", true);
    int[] theirs =
        post("/tokenize", asked).path("tokens").valueStream().mapToInt(JsonNode::asInt).toArray();
    if (!Arrays.equals(theirs, prompt.tokens())) {
      throw new BenchException(
          "'%s' is %s to llama.cpp and %s to Otium"
              .formatted(text, Arrays.toString(theirs), Arrays.toString(prompt.tokens())));
    }
  }

  private float[] after(int[] tokens, int vocabulary) throws IOException {
    ObjectNode asked = MAPPER.createObjectNode();
    for (int token : tokens) asked.withArray("prompt").add(token);
    asked.put("n_predict", 1).put("n_probs", vocabulary).put("temperature", 0);
    asked.put("cache_prompt", false);
    float[] logProbs = new float[vocabulary];
    Arrays.fill(logProbs, Float.NEGATIVE_INFINITY);
    JsonNode all = post("/completion", asked).path("completion_probabilities").path(0);
    for (JsonNode one : all.path("top_logprobs")) {
      logProbs[one.path("id").asInt()] = (float) one.path("logprob").asDouble();
    }
    return logProbs;
  }

  private JsonNode post(String path, ObjectNode body) throws IOException {
    URI uri = server.uri().resolve(path);
    var request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body.toString()));
    try {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new BenchException("llama-server answers " + Command.lastLine(answer.body()));
      }
      return MAPPER.readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the benchmark was interrupted");
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
