package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.config.JavalinConfig;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class OtiumServerTest {
  /** A page of another helper, as the console is. */
  private static final class Page implements ServerExtension {
    @Override
    public void register(JavalinConfig config, ServerContext context) {
      config.routes.get("/hello", ctx -> ctx.result("hello"));
      config.routes.get("/login", ctx -> ctx.result("login"));
      config.routes.get("/broken", ctx -> broken());
      config.routes.get("/fatal", ctx -> fatal());
    }

    private static void broken() {
      throw new IllegalStateException("secret detail");
    }

    private static void fatal() {
      throw new StackOverflowError("secret detail");
    }

    @Override
    public boolean isOpen(String path) {
      return path.equals("/login");
    }
  }

  private static ServerUnderTest withPage(UnaryOperator<ServerOptions> change) {
    return new ServerUnderTest(
        new FakeLanguageModel("fake"), change, MethodParser.NONE, new Page());
  }

  @Test
  void healthIsOkWhenAModelIsLoaded() {
    try (var test = new ServerUnderTest()) {
      var answer = test.http.get("/health");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().path("status").asText()).isEqualTo("ok");
    }
  }

  @Test
  void everyAnswerHasARequestIdAndSecurityHeaders() {
    try (var test = new ServerUnderTest()) {
      for (String path : List.of("/health", "/v1/models", "/nowhere")) {
        var answer = test.http.get(path);
        assertThat(answer.header("X-Request-Id")).as(path).matches("[0-9a-f]{24}");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        assertThat(answer.header("Server")).isEmpty();
      }
      assertThat(test.http.get("/health", "X-Request-Id", "mine-1").header("X-Request-Id"))
          .isEqualTo("mine-1");
      assertThat(test.http.get("/health", "X-Request-Id", "a b<c>").header("X-Request-Id"))
          .matches("[0-9a-f]{24}");
    }
  }

  @Test
  void anExtensionMountsItsRoutesOnTheSameServer() {
    try (var test = withPage(options -> options)) {
      assertThat(test.http.get("/hello").body()).isEqualTo("hello");
    }
  }

  @Test
  void theKeyGuardsEveryPathButHealthAndThoseAnExtensionOpens() {
    try (var test = withPage(options -> options.withApiKey("sesame"))) {
      assertThat(test.http.get("/health").status()).isEqualTo(200);
      assertThat(test.http.get("/login").status()).isEqualTo(200);
      for (String path : List.of("/v1/models", "/metrics", "/hello", "/nowhere")) {
        var refused = test.http.get(path);
        assertThat(refused.status()).as(path).isEqualTo(401);
        assertThat(refused.error().path("code").asText()).isEqualTo("invalid_api_key");
        assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
      }
      assertThat(test.http.get("/hello", "Authorization", "Bearer wrong").status()).isEqualTo(401);
      assertThat(test.http.get("/hello", "Authorization", "Bearer sesame").status()).isEqualTo(200);
      assertThat(test.http.get("/hello", "Cookie", "otium_key=sesame").status()).isEqualTo(200);
    }
  }

  @Test
  void whatIsNotThereIs404And405InOpenAisShape() {
    try (var test = new ServerUnderTest()) {
      var missing = test.http.get("/v1/nothing");
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.error().path("code").asText()).isEqualTo("not_found");
      assertThat(missing.error().path("message").asText()).contains("/v1/nothing");
      var wrong = test.http.method("DELETE", "/v1/models");
      assertThat(wrong.status()).isEqualTo(405);
      assertThat(wrong.error().path("code").asText()).isEqualTo("method_not_allowed");
    }
  }

  @Test
  void aFailureOfOursTellsTheRequestIdAndNothingElse() {
    try (var test = withPage(options -> options)) {
      for (String path : List.of("/broken", "/fatal")) {
        var answer = test.http.get(path, "X-Request-Id", "req-7");
        assertThat(answer.status()).as(path).isEqualTo(500);
        assertThat(answer.error().path("type").asText()).isEqualTo("server_error");
        assertThat(answer.error().path("message").asText()).contains("req-7");
        assertThat(answer.body()).doesNotContain("secret").doesNotContain("Exception");
      }
    }
  }

  @Test
  void modelsAreListedTheDefaultFirstAndFoundById() {
    try (var test = new ServerUnderTest()) {
      test.models.add(new FakeLanguageModel("org/another"));
      var list = test.http.get("/v1/models").json();
      assertThat(list.path("object").asText()).isEqualTo("list");
      assertThat(list.path("data").findValuesAsText("id")).startsWith("fake", "org/another");
      assertThat(test.http.get("/v1/models/org/another").json().path("id").asText())
          .isEqualTo("org/another");
      var missing = test.http.get("/v1/models/gpt-9");
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.error().path("code").asText()).isEqualTo("model_not_found");
      assertThat(missing.error().path("param").asText()).isEqualTo("model");
    }
  }

  @Test
  void aPortInUseIsASentence() {
    try (var test = new ServerUnderTest()) {
      var second =
          new OtiumServer(
              ServerOptions.defaults().withAddress("127.0.0.1", test.server.port()),
              test.models,
              MethodParser.NONE,
              List.of());
      assertThatThrownBy(second::start)
          .hasMessageContaining("cannot listen on 127.0.0.1 port " + test.server.port())
          .hasMessageContaining("--port");
    }
  }

  @Test
  void metricsTellRequestsEngineAndJvm() {
    try (var test = new ServerUnderTest()) {
      test.http.get("/v1/models");
      String figures = test.http.get("/metrics").body();
      assertThat(figures)
          .contains("otium_http_requests_seconds_count{")
          .contains("route=\"/v1/models\"")
          .contains("otium_engine_kv_slots{model=\"fake\"} 512")
          .contains("jvm_memory_used_bytes");
    }
  }
}
