package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which browsers' requests pass; other clients send neither Origin nor a foreign Host. */
class AccessTest {
  private static String statusLine(OtiumServer server, String head) {
    try (var client = new RawClient(server)) {
      client.send(head + "\r\nConnection: close\r\n\r\n");
      return client.readAll().lines().findFirst().orElse("");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LocalHost:8080, 200",
    "127.0.0.1:8080, 200",
    "[::1]:8080, 200",
    "evil.example, 403",
    "localhost.evil.example, 403",
    "127.0.0.1.evil.example:8080, 403",
    "'', 400"
  })
  void aServerOnLocalhostAnswersToThatNameOnly(String host, int status) {
    try (var test = new ServerUnderTest()) {
      assertThat(statusLine(test.server, "GET /v1/models HTTP/1.1\r\nHost: " + host))
          .startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void aPageOfAnotherOriginMayNotCall() {
    try (var test = new ServerUnderTest()) {
      String own = "http://127.0.0.1:" + test.server.port();
      assertThat(test.http.get("/v1/models", "Origin", own).status()).isEqualTo(200);
      for (String origin :
          List.of("https://evil.example", "http://127.0.0.1:1", "null", "http://[")) {
        var refused = test.http.get("/v1/models", "Origin", origin);
        assertThat(refused.status()).as(origin).isEqualTo(403);
        assertThat(refused.error().path("code").asText()).isEqualTo("forbidden_origin");
        assertThat(refused.header("Access-Control-Allow-Origin")).isEmpty();
      }
    }
  }

  @Test
  void anOriginThatTheOptionsNameMayCallAndIsToldSo() {
    String friend = "https://friend.example";
    try (var test = new ServerUnderTest(options -> options.withCors(List.of(friend)))) {
      var answer = test.http.get("/v1/models", "Origin", friend);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(friend);
      assertThat(answer.header("Vary")).contains("Origin");
      var preflight =
          test.http.method(
              "OPTIONS",
              "/v1/chat/completions",
              "Origin",
              friend,
              "Access-Control-Request-Method",
              "POST");
      assertThat(preflight.status()).isEqualTo(204);
      assertThat(preflight.header("Access-Control-Allow-Headers")).contains("Authorization");
      assertThat(test.http.get("/v1/models", "Origin", "https://evil.example").status())
          .isEqualTo(403);
    }
  }

  @Test
  void aPreflightNeedsNoKeyButGivesNothingAway() {
    try (var test =
        new ServerUnderTest(options -> options.withApiKey("sesame").withCors(List.of("*")))) {
      var preflight =
          test.http.method(
              "OPTIONS",
              "/v1/models",
              "Origin",
              "https://any.example",
              "Access-Control-Request-Method",
              "GET");
      assertThat(preflight.status()).isEqualTo(204);
      assertThat(preflight.body()).isEmpty();
      assertThat(test.http.get("/v1/models", "Origin", "https://any.example").status())
          .isEqualTo(401);
    }
  }
}
