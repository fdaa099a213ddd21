package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.GenerationResult.Finish;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens on the connection: hang-ups, slow readers, full queues, a server that stops. */
@Timeout(60) // Not a measurement: a hang-up that is never noticed would wait for ever.
class ConnectionsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String ASK = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}";
  private static final String STREAM = ASK.replace("}]}", "}], \"stream\": true}");

  private static void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) Thread.onSpinWait();
  }

  @Test
  void aClientThatHangsUpBeforeItsAnswerStopsTheGeneration() {
    try (var test = new ServerUnderTest()) {
      test.model.gate = new CountDownLatch(1);
      for (String body : new String[] {ASK, STREAM}) {
        test.model.generations.clear();
        try (var client = new RawClient(test.server)) {
          client.send(RawClient.post(CHAT, body));
          until(() -> !test.model.generations.isEmpty());
        }
        assertThat(test.model.generations.getFirst().await().finish()).isEqualTo(Finish.CANCELLED);
      }
    }
  }

  @Test
  void aClientThatHangsUpInTheMiddleOfAStreamStopsTheGeneration() {
    var model = new FakeLanguageModel("fake", 1_000_000);
    model.endless = true;
    model.millisPerToken = 1;
    try (var test = new ServerUnderTest(model, options -> options, MethodParser.NONE)) {
      try (var client = new RawClient(test.server)) {
        client.send(RawClient.post(CHAT, STREAM));
        client.readUntil("\"content\":\"H\"");
      }
      assertThat(model.generations.getFirst().await().finish()).isEqualTo(Finish.CANCELLED);
      until(() -> cancelled(test).equals("1.0"));
    }
  }

  /** What /metrics says of answers that their clients did not wait for. */
  private static String cancelled(ServerUnderTest test) {
    return test.http
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("otium_cancelled_total{"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .findFirst()
        .orElse("");
  }

  @Test
  void aHangUpStopsAllAnswersOfTheRequest() {
    try (var test = new ServerUnderTest()) {
      test.model.gate = new CountDownLatch(1);
      try (var client = new RawClient(test.server)) {
        client.send(RawClient.post(CHAT, ASK.replace("}]}", "}], \"n\": 3}")));
        until(() -> test.model.generations.size() == 3);
      }
      for (var generation : test.model.generations) {
        assertThat(generation.await().finish()).isEqualTo(Finish.CANCELLED);
      }
      until(() -> cancelled(test).equals("3.0"));
    }
  }

  @Test
  void aSlowReaderHoldsUpNeitherTheEngineNorOthersAndLosesNothing() {
    var model = new FakeLanguageModel("fake", 20_000);
    model.endless = true;
    try (var test = new ServerUnderTest(model, options -> options, MethodParser.NONE);
        var slow = new RawClient(test.server)) {
      slow.send(RawClient.post(CHAT, STREAM).replace("Host:", "Connection: close\r\nHost:"));
      until(() -> !model.generations.isEmpty());
      // Megabytes of events, of which the connection takes a few thousand bytes.
      assertThat(model.generations.getFirst().await().finish()).isEqualTo(Finish.LENGTH);
      assertThat(test.http.post(CHAT, ASK.replace("}]}", "}], \"max_tokens\": 5}")).status())
          .isEqualTo(200);
      assertThat(cancelled(test)).isEmpty();
      String stream = slow.readAll();
      int expected = 20_000 - model.requests.getFirst().prompt().length;
      assertThat(stream.split("\"delta\":\\{\"content\":", -1)).hasSize(expected + 1);
      assertThat(stream).contains("data: [DONE]");
    }
  }

  @Test
  void aRequestSentTooEarlyIsAnsweredInFullOrNotAtAll() {
    for (String body : new String[] {ASK, STREAM}) {
      try (var test = new ServerUnderTest();
          var client = new RawClient(test.server)) {
        test.model.millisPerToken = 10;
        client.send(RawClient.post(CHAT, body));
        until(() -> !test.model.generations.isEmpty());
        client.send(RawClient.post(CHAT, body).replace("Host:", "Connection: close\r\nHost:"));
        String answers = client.readAll();
        assertThat(answers).startsWith("HTTP/1.1 200 OK").doesNotContain("HTTP/1.1 400");
        int heads = answers.split("HTTP/1.1 200 OK", -1).length;
        int ends = answers.split("\"finish_reason\":\"stop\"", -1).length;
        assertThat(ends).isEqualTo(heads);
      }
    }
  }

  @Test
  void oneRequestTooManyIs429WithRetryAfter() {
    try (var test = new ServerUnderTest(options -> options.withQueue(1));
        var first = new RawClient(test.server)) {
      test.model.gate = new CountDownLatch(1);
      first.send(RawClient.post(CHAT, ASK));
      until(() -> !test.model.generations.isEmpty());
      var refused = test.http.post(CHAT, ASK);
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.error().path("type").asText()).isEqualTo("rate_limit_error");
      assertThat(refused.error().path("code").asText()).isEqualTo("queue_full");
      assertThat(test.http.get("/v1/models").status()).isEqualTo(200);
    }
  }

  @Test
  void aFullQueueOfTheEngineIs429Too() {
    try (var test = new ServerUnderTest()) {
      test.model.queue = 0;
      var refused = test.http.post(CHAT, ASK);
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
    }
  }

  @Test
  void aStoppingServerFinishesItsStreamsAndRefusesNewRequests() {
    try (var test = new ServerUnderTest(options -> options.withShutdownGraceSeconds(600));
        var client = new RawClient(test.server)) {
      var gate = new CountDownLatch(1);
      test.model.gate = gate;
      client.send(RawClient.post(CHAT, STREAM));
      until(() -> !test.model.generations.isEmpty());
      var stopped = CompletableFuture.runAsync(test.server::stop);
      until(() -> test.http.get("/health").status() == 503);
      var refused = test.http.post(CHAT, ASK);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.error().path("code").asText()).isEqualTo("server_stopping");
      assertThat(stopped).isNotDone();
      gate.countDown();
      assertThat(client.readUntil("data: [DONE]")).contains("\"finish_reason\":\"stop\"");
      stopped.join();
    }
  }

  @Test
  void afterTheGraceAStreamEndsWithAnError() {
    var model = new FakeLanguageModel("fake", 1_000_000);
    model.endless = true;
    model.millisPerToken = 1;
    try (var test = new ServerUnderTest(model, options -> options, MethodParser.NONE);
        var client = new RawClient(test.server)) {
      client.send(RawClient.post(CHAT, STREAM));
      client.readUntil("\"content\":\"H\"");
      var stopped = CompletableFuture.runAsync(test.server::stop);
      client.readUntil("server_stopping");
      stopped.join();
      assertThat(model.generations.getFirst().await().finish()).isEqualTo(Finish.CANCELLED);
    }
  }

  @Test
  void whatIsNotHttpGetsOpenAisErrorShapeToo() {
    try (var test = new ServerUnderTest();
        var client = new RawClient(test.server)) {
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nBad Header\r\n\r\n");
      assertThat(client.readAll()).startsWith("HTTP/1.1 400").contains("{\"error\":{");
    }
  }
}
