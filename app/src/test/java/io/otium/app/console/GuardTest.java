package io.otium.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.app.server.Access;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may change what, asked without a browser. */
final class GuardTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable ConsoleUnderTest console;

  private ConsoleUnderTest start(@Nullable String key) {
    ScriptedModel model = new ScriptedModel("m", messages -> "Yes.");
    console = new ConsoleUnderTest(model, ConsoleUnderTest.freshDatabase(), 0, key);
    return console;
  }

  @AfterEach
  void stop() {
    client.close();
    if (console != null) {
      console.close();
    }
  }

  private HttpResponse<String> post(ConsoleUnderTest at, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(at.uri() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("text=hello&key=secret"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(ConsoleUnderTest at, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at.uri() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void aChangeFromAnotherSiteIsRefusedOnEveryRoute() throws Exception {
    ConsoleUnderTest at = start(null);
    for (String path :
        List.of("/chat", "/models/unload", "/models/pulls", "/messages/1/stop", "/login")) {
      for (String site : List.of("cross-site", "same-site", "none")) {
        assertThat(post(at, path, "Sec-Fetch-Site", site).statusCode()).as(path).isEqualTo(403);
      }
      assertThat(post(at, path, "Origin", "http://evil.example").statusCode()).isEqualTo(403);
      assertThat(post(at, path, "Origin", "null").statusCode()).isEqualTo(403);
      assertThat(post(at, path).statusCode()).as("neither header: %s", path).isEqualTo(403);
    }
  }

  @Test
  void aChangeFromItsOwnPagesIsTaken() throws Exception {
    ConsoleUnderTest at = start(null);
    assertThat(post(at, "/chat", "Sec-Fetch-Site", "same-origin").statusCode()).isEqualTo(200);
    assertThat(post(at, "/chat", "Origin", at.uri()).statusCode()).isEqualTo(200);
  }

  @Test
  void everyPageForbidsForeignAndInlineCode() throws Exception {
    ConsoleUnderTest at = start(null);
    for (String path : List.of("/", "/models", "/live", "/api", "/papers")) {
      HttpResponse<String> page = get(at, path);
      assertThat(page.statusCode()).as(path).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(page.body()).doesNotContain("<style", "javascript:");
      assertThat(page.body()).doesNotContainPattern("<script(?![^>]* src=)");
      assertThat(page.body()).doesNotContainPattern("\\son[a-z]+=");
    }
  }

  @Test
  void withAKeyNothingIsShownBeforeLogin() throws Exception {
    ConsoleUnderTest at = start("secret");
    for (String path : List.of("/", "/models", "/live/samples", "/chats", "/papers", "/api")) {
      HttpResponse<String> page = get(at, path);
      assertThat(page.statusCode()).as(path).isEqualTo(302);
      assertThat(page.headers().firstValue("Location")).contains("/login");
    }
    assertThat(get(at, "/login").body()).contains("API key");
    assertThat(get(at, "/v1/models").statusCode()).isEqualTo(401);
  }

  @Test
  void theKeyOpensTheConsoleAndIsKeptWhereNoScriptReadsIt() throws Exception {
    ConsoleUnderTest at = start("secret");
    HttpResponse<String> opened = post(at, "/login", "Sec-Fetch-Site", "same-origin");
    assertThat(opened.statusCode()).isEqualTo(303);
    String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict");
    assertThat(get(at, "/", "Cookie", Access.COOKIE + "=secret").statusCode()).isEqualTo(200);
    assertThat(get(at, "/", "Cookie", Access.COOKIE + "=wrong").statusCode()).isEqualTo(302);
  }

  @Test
  void whatIsNotThereIsASentence() throws Exception {
    ConsoleUnderTest at = start(null);
    assertThat(get(at, "/chat/0000").statusCode()).isEqualTo(404);
    assertThat(get(at, "/chat/0000").body()).isEqualTo("This conversation is no longer there");
    assertThat(get(at, "/messages/abc").statusCode()).isEqualTo(404);
    assertThat(get(at, "/assets/x/../../secret").statusCode()).isBetween(400, 404);
  }
}
