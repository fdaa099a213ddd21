package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the server tells its operator: log lines and figures. */
class ObservationTest {
  private static final String SECRET =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"swordfish\"}]}";

  /** The log lines of one chat, and of one that fails. */
  private static List<ILoggingEvent> linesOf(UnaryOperator<ServerOptions> change) {
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    root.addAppender(lines);
    Level before = ((Logger) LoggerFactory.getLogger("io.otium")).getLevel();
    ((Logger) LoggerFactory.getLogger("io.otium")).setLevel(Level.TRACE);
    try (var test = new ServerUnderTest(change)) {
      test.http.post("/v1/chat/completions", SECRET, "X-Request-Id", "req-1");
      test.http.post("/v1/chat/completions", SECRET.replace("user", "robot"));
      test.model.failAfter = 0;
      test.http.post("/v1/chat/completions", SECRET);
    } finally {
      root.detachAppender(lines);
      ((Logger) LoggerFactory.getLogger("io.otium")).setLevel(before);
    }
    return List.copyOf(lines.list);
  }

  private static String text(List<ILoggingEvent> lines) {
    return lines.stream().map(ILoggingEvent::getFormattedMessage).collect(Collectors.joining("\n"));
  }

  @Test
  void everyRequestIsLoggedUnderItsIdAndNoPromptIs() {
    List<ILoggingEvent> lines = linesOf(options -> options);
    assertThat(lines)
        .anySatisfy(
            line -> {
              assertThat(line.getFormattedMessage()).startsWith("POST /v1/chat/completions 200 ");
              assertThat(line.getMDCPropertyMap()).containsEntry("request", "req-1");
            });
    assertThat(text(lines)).doesNotContain("swordfish").doesNotContain("Hello, world!");
  }

  @Test
  void promptsAndAnswersAreLoggedWhenAskedFor() {
    String lines = text(linesOf(options -> options.withLogPrompts(true)));
    assertThat(lines).contains("swordfish").contains("answer: Hello, world!");
  }

  @Test
  void figuresCountTokensTimesAndRefusals() {
    try (var test = new ServerUnderTest()) {
      test.http.post("/v1/chat/completions", SECRET);
      test.http.post("/v1/chat/completions", "{}");
      assertThat(test.http.get("/metrics").body())
          .contains("otium_tokens_total{kind=\"generated\",model=\"fake\"} 14.0")
          .contains("otium_tokens_total{kind=\"cached\",model=\"fake\"} 2.0")
          .contains("otium_ttft_seconds_count{model=\"fake\"} 1")
          .contains("route=\"/v1/chat/completions\",status=\"400\"")
          .contains("otium_requests_in_work 0.0");
    }
  }
}
