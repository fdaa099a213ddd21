package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that listens while its default model is still being loaded. */
class StartingTest {
  private static final String CHAT =
      """
      {"messages": [{"role": "user", "content": "Hi"}]}\
      """;

  private final FakeLanguageModel model = new FakeLanguageModel("fake");
  private final ModelPool models = ModelPool.of();
  private final OtiumServer server;
  private final Http http;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  StartingTest() {
    models.expect(model.info());
    ServerOptions options =
        ServerOptions.defaults()
            .withApiKey(null)
            .withAddress("127.0.0.1", 0)
            .withQueue(2)
            .withShutdownGraceSeconds(0);
    server = new OtiumServer(options, models, MethodParser.NONE, List.of()).start();
    http = new Http(server);
  }

  @AfterEach
  void close() {
    clients.close();
    http.close();
    server.close();
    models.close();
    model.close();
  }

  private Future<Http.Answer> asked(String path, String body) {
    return clients.submit(() -> http.post(path, body));
  }

  private void awaitInWork(int requests) {
    Pattern line = Pattern.compile("(?m)^otium_requests_in_work " + requests + "\\.0$");
    while (!line.matcher(http.get("/metrics").body()).find()) Thread.onSpinWait();
  }

  @Test
  void healthSaysLoadingUntilTheModelAnswers() {
    var loading = http.get("/health");
    assertThat(loading.status()).isEqualTo(503);
    assertThat(loading.json().path("status").asText()).isEqualTo("loading");
    assertThat(models.loadExpected(() -> model)).isSameAs(model);
    assertThat(http.get("/health").status()).isEqualTo(200);
    assertThat(http.get("/health").json().path("status").asText()).isEqualTo("ok");
  }

  @Test
  void theModelIsListedFirstBeforeItIsLoaded() {
    var before = http.get("/v1/models").json();
    assertThat(before.at("/data/0/id").asText()).isEqualTo("fake");
    models.add(new FakeLanguageModel("another"));
    assertThat(http.get("/v1/models/fake").json().path("context_length").asInt()).isEqualTo(512);
    models.loadExpected(() -> model);
    var after = http.get("/v1/models").json();
    assertThat(after.findValuesAsText("id")).startsWith("fake", "another");
    assertThat(after.at("/data/0")).isEqualTo(before.at("/data/0"));
    assertThat(models.get(null)).isSameAs(model);
  }

  @Test
  void requestsWaitForTheModelAsFarAsTheQueueGoes() throws Exception {
    var chat = asked("/v1/chat/completions", CHAT);
    awaitInWork(1);
    var embedding = asked("/v1/embeddings", "{\"model\": \"fake\", \"input\": \"Hi\"}");
    awaitInWork(2);
    assertThat(http.post("/v1/chat/completions", CHAT).status()).isEqualTo(429);
    models.loadExpected(() -> model);
    assertThat(chat.get().json().at("/choices/0/message/content").asText())
        .isEqualTo("Hello, world!");
    assertThat(embedding.get().status()).isEqualTo(200);
  }

  @Test
  void requestsForOtherModelsDoNotWait() {
    String other = CHAT.replace("{\"messages\"", "{\"model\": \"other\", \"messages\"");
    assertThat(http.post("/v1/chat/completions", other).status()).isEqualTo(404);
  }

  @Test
  void whereTheModelCannotBeLoadedThoseWhoWaitAreRefused() throws Exception {
    var waiting = asked("/v1/chat/completions", CHAT);
    awaitInWork(1);
    assertThatThrownBy(
            () ->
                models.loadExpected(
                    () -> {
                      throw new IllegalArgumentException("its weights are cut short");
                    }))
        .hasMessage("its weights are cut short");
    assertThat(waiting.get().status()).isEqualTo(503);
  }

  @Test
  void theServerStopsThoughSomebodyWaits() throws Exception {
    var waiting = asked("/v1/chat/completions", CHAT);
    awaitInWork(1);
    server.stop();
    assertThat(waiting.get().status()).isEqualTo(503);
  }
}
