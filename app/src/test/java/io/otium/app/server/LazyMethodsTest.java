package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.SequenceHook;
import io.otium.serve.LazyInference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LazyMethodsTest {
  private final ServerUnderTest test =
      new ServerUnderTest(
          new FakeLanguageModel("fake"), options -> options, new LazyMethods(LazyInference.full()));

  @AfterEach
  void stop() {
    test.close();
  }

  private Http.Answer complete(String fields) {
    return test.http.post("/v1/completions", "{\"prompt\": \"a\"" + fields + "}");
  }

  @Test
  void aRequestWithoutTheKeyRunsWhatTheServerWasStartedWith() {
    assertThat(complete("").status()).isEqualTo(200);
    assertThat(test.model.requests.getLast().hook()).isSameAs(SequenceHook.NONE);
  }

  @Test
  void theFullMethodsMayBeNamedAndCostNothing() {
    var answer =
        complete(
            ", \"otium\": {\"prefill\": {\"method\": \"full\"}, \"kv\": {\"method\": \"full\"}}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(test.model.requests.getLast().hook()).isSameAs(SequenceHook.NONE);
    assertThat(answer.json().at("/otium/kvSlots").asInt()).isEqualTo(5);
  }

  @Test
  void anUnknownMethodAndAnUnknownKeyAreNamedByTheirPath() {
    var method = complete(", \"otium\": {\"kv\": {\"method\": \"eager\"}}");
    assertThat(method.status()).isEqualTo(400);
    assertThat(method.error().path("param").asText()).isEqualTo("otium.kv.method");
    assertThat(method.error().path("message").asText()).contains("eager").contains("full");
    var key = complete(", \"otium\": {\"kw\": {\"method\": \"full\"}}");
    assertThat(key.status()).isEqualTo(400);
    assertThat(key.error().path("param").asText()).isEqualTo("otium.kw");
    assertThat(complete(", \"otium\": {\"kv\": 5}").status()).isEqualTo(400);
  }
}
