package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.options.OptionException;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.SequenceHook;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChatCompletionsTest {
  private final ServerUnderTest test =
      new ServerUnderTest(
          new FakeLanguageModel("fake"), options -> options, ChatCompletionsTest::onlyKv);

  /** A registry that knows one method. */
  private static Supplier<SequenceHook> onlyKv(JsonNode methods, ModelInfo model) {
    if (methods.path("kv").path("method").asText("lazy").equals("lazy")) {
      return () -> new SequenceHook() {};
    }
    throw OptionException.invalid("kv.method", methods.at("/kv/method").asText(), "lazy");
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private Http.Answer chat(String fields) {
    return test.http.post(
        "/v1/chat/completions",
        "{\"model\": \"fake\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]"
            + (fields.isEmpty() ? "" : ", ")
            + fields
            + "}");
  }

  private GenerateOptions lastOptions() {
    return test.model.requests.getLast().options();
  }

  @Test
  void anAnswerHasOpenAisShape() {
    JsonNode answer = chat("").json();
    assertThat(answer.path("id").asText()).startsWith("chatcmpl-");
    assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
    assertThat(answer.path("model").asText()).isEqualTo("fake");
    assertThat(answer.path("created").asLong()).isPositive();
    JsonNode choice = answer.at("/choices/0");
    assertThat(choice.at("/message/role").asText()).isEqualTo("assistant");
    assertThat(choice.at("/message/content").asText()).isEqualTo("Hello, world!");
    assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    assertThat(choice.path("logprobs").isNull()).isTrue();
    assertThat(answer.has("otium")).isFalse();
  }

  @Test
  void usageCountsPromptAnswerAndCacheHits() {
    JsonNode usage = chat("").json().path("usage");
    int prompt = test.model.requests.getLast().prompt().length;
    assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(prompt);
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo("Hello, world!".length() + 1);
    assertThat(usage.path("total_tokens").asInt()).isEqualTo(prompt + "Hello, world!".length() + 1);
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").asInt()).isEqualTo(2);
  }

  @Test
  void aStreamOpensWithTheRoleAndEndsWithTheReason() {
    List<JsonNode> events = chat("\"stream\": true").events();
    assertThat(events.getFirst().at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    var text = new StringBuilder();
    for (JsonNode event : events) {
      assertThat(event.path("object").asText()).isEqualTo("chat.completion.chunk");
      assertThat(event.has("usage")).isFalse();
      text.append(event.at("/choices/0/delta/content").asText(""));
    }
    assertThat(text).hasToString("Hello, world!");
    assertThat(events.getLast().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(events.getLast().at("/choices/0/delta").isEmpty()).isTrue();
  }

  @Test
  void aStreamEndsWithTheUsageWhenAsked() {
    List<JsonNode> events =
        chat("\"stream\": true, \"stream_options\": {\"include_usage\": true}").events();
    JsonNode last = events.getLast();
    assertThat(last.path("choices").isEmpty()).isTrue();
    assertThat(last.at("/usage/completion_tokens").asInt()).isEqualTo(14);
    for (JsonNode event : events.subList(0, events.size() - 1)) {
      assertThat(event.path("usage").isNull()).isTrue();
    }
  }

  @Test
  void severalAnswersComeByIndexWithSeedsOfTheirOwnAndThePromptCountsOnce() {
    JsonNode answer = chat("\"n\": 3, \"seed\": 5").json();
    assertThat(answer.path("choices").findValuesAsText("index")).containsExactly("0", "1", "2");
    assertThat(test.model.requests).extracting(r -> r.options().seed()).containsExactly(5L, 6L, 7L);
    assertThat(answer.at("/usage/prompt_tokens").asInt())
        .isEqualTo(test.model.requests.getLast().prompt().length);
    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(3 * 14);
  }

  @Test
  void severalAnswersAreStreamedSideBySide() {
    var texts = new StringBuilder[] {new StringBuilder(), new StringBuilder()};
    for (JsonNode event : chat("\"n\": 2, \"stream\": true").events()) {
      JsonNode choice = event.at("/choices/0");
      texts[choice.path("index").asInt()].append(choice.at("/delta/content").asText(""));
    }
    assertThat(texts[0]).hasToString("Hello, world!");
    assertThat(texts[1]).hasToString("Hello, world!");
  }

  @Test
  void moreAnswersThanTheEngineIsGivenAtOnceAllCome() {
    test.model.queue = 3;
    JsonNode answer = chat("\"n\": 40").json();
    assertThat(answer.path("choices")).hasSize(40);
  }

  @Test
  void charactersOfSeveralTokensArriveWhole() {
    test.model.answer = "Grüße, 世界 🙂";
    var text = new StringBuilder();
    for (JsonNode event : chat("\"stream\": true").events()) {
      text.append(event.at("/choices/0/delta/content").asText(""));
    }
    assertThat(text).hasToString("Grüße, 世界 🙂");
  }

  @Test
  void samplingFieldsReachTheEngine() {
    chat(
        """
        "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1,
        "presence_penalty": -1, "frequency_penalty": 2, "seed": 7, "max_completion_tokens": 4,
        "stop": ["x", "yy"], "logit_bias": {"65": -100, "66": 1.5}, "ignore_eos": true
        """);
    assertThat(lastOptions())
        .isEqualTo(
            new GenerateOptions(
                4,
                0.5f,
                0.9f,
                40,
                0.05f,
                1.1f,
                -1f,
                2f,
                Map.of(65, -100f, 66, 1.5f),
                List.of("x", "yy"),
                7,
                -1,
                false,
                true));
  }

  @Test
  void nullsAndTheFieldsThatNameTheCallerAreHarmless() {
    var answer =
        chat(
            """
            "temperature": null, "stop": null, "tools": null, "user": "u1", "metadata": {"a": "b"},
            "store": false, "service_tier": "auto", "response_format": {"type": "text"},
            "modalities": ["text"], "tool_choice": "none"
            """);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(lastOptions()).isEqualTo(GenerateOptions.defaults());
  }

  @Test
  void theAnswerStopsAtAStopTextAndAtMaxTokens() {
    JsonNode stopped = chat("\"stop\": \"wor\"").json();
    assertThat(stopped.at("/choices/0/message/content").asText()).isEqualTo("Hello, ");
    assertThat(stopped.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    JsonNode cut = chat("\"max_tokens\": 3").json();
    assertThat(cut.at("/choices/0/message/content").asText()).isEqualTo("Hel");
    assertThat(cut.at("/choices/0/finish_reason").asText()).isEqualTo("length");
  }

  @Test
  void logprobsTellEachTokenItsBytesAndItsRivals() {
    JsonNode content =
        chat("\"logprobs\": true, \"top_logprobs\": 2, \"max_tokens\": 2")
            .json()
            .at("/choices/0/logprobs/content");
    assertThat(content).hasSize(2);
    assertThat(content.at("/0/token").asText()).isEqualTo("H");
    assertThat(content.at("/0/logprob").asDouble()).isEqualTo(-0.5);
    assertThat(content.at("/0/bytes/0").asInt()).isEqualTo((int) 'H');
    assertThat(content.at("/0/top_logprobs")).hasSize(2);
    assertThat(content.at("/0/top_logprobs/1/token").asText()).isEqualTo("I");
    assertThat(content.at("/0/top_logprobs/1/logprob").asDouble()).isEqualTo(-1.5);
    JsonNode alone = chat("\"logprobs\": true").json().at("/choices/0/logprobs/content/0");
    assertThat(alone.path("top_logprobs").isEmpty()).isTrue();
  }

  @Test
  void logprobsAreStreamedWithTheirText() {
    int tokens = 0;
    for (JsonNode event : chat("\"logprobs\": true, \"stream\": true").events()) {
      tokens += event.at("/choices/0/logprobs/content").size();
    }
    assertThat(tokens).isEqualTo("Hello, world!".length());
  }

  @Test
  void contentMayBeAListOfTextParts() {
    var answer =
        test.http.post(
            "/v1/chat/completions",
            """
            {"messages": [{"role": "developer", "name": "d", "content": [
              {"type": "text", "text": "Be "}, {"type": "text", "text": "brief."}]},
              {"role": "user", "content": "Hi"}]}
            """);
    assertThat(answer.status()).isEqualTo(200);
    String prompt = test.model.tokenizer().decode(test.model.requests.getLast().prompt(), true);
    assertThat(prompt).isEqualTo("system\nBe brief.user\nHi");
  }

  @Test
  void theOtiumKeyTurnsMethodsOnAndAnswersWithFigures() {
    JsonNode figures = chat("\"otium\": {\"kv\": {\"method\": \"lazy\"}}").json().path("otium");
    assertThat(figures.path("ttftMs").asDouble()).isEqualTo(2);
    assertThat(figures.path("promptTokensPerSecond").asDouble()).isEqualTo(1000);
    assertThat(figures.path("tokensPerSecond").asDouble()).isEqualTo(100);
    assertThat(figures.path("kvSlots").asInt()).isEqualTo(5);
    assertThat(figures.has("promptTokensComputed")).isTrue();
    assertThat(test.model.requests.getLast().hook()).isNotSameAs(SequenceHook.NONE);
    List<JsonNode> events = chat("\"otium\": {}, \"stream\": true").events();
    assertThat(events.getLast().at("/otium/kvSlots").asInt()).isEqualTo(5);
    assertThat(events.getFirst().has("otium")).isFalse();
    JsonNode two = chat("\"otium\": {}, \"n\": 2").json().path("otium");
    assertThat(two.path("choices")).hasSize(2);
  }

  @Test
  void eachAnswerHasItsOwnStateOfTheMethod() {
    chat("\"otium\": {\"kv\": {\"method\": \"lazy\"}}, \"n\": 2");
    assertThat(test.model.requests.get(0).hook()).isNotSameAs(test.model.requests.get(1).hook());
  }

  @Test
  void anUnknownMethodIsRefusedWithItsPath() {
    var answer = chat("\"otium\": {\"kv\": {\"method\": \"eager\"}}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().path("param").asText()).isEqualTo("otium.kv.method");
    assertThat(answer.error().path("message").asText()).contains("lazy").contains("eager");
  }

  @Test
  void aConversationThatTheTemplateRefusesIs400() {
    var answer =
        test.http.post(
            "/v1/chat/completions",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"refuse me\"}]}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().path("param").asText()).isEqualTo("messages");
    assertThat(answer.error().path("message").asText()).contains("template refuses");
  }

  @Test
  void anUnknownModelIs404() {
    var answer =
        test.http.post(
            "/v1/chat/completions",
            "{\"model\": \"gpt-9\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.error().path("code").asText()).isEqualTo("model_not_found");
    assertThat(answer.error().path("param").asText()).isEqualTo("model");
  }

  @Test
  void tooLongAConversationNamesContextAndNeed() {
    var answer = chat("\"max_tokens\": 600");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().path("code").asText()).isEqualTo("context_length_exceeded");
    assertThat(answer.error().path("param").asText()).isEqualTo("messages");
    assertThat(answer.error().path("message").asText()).contains("512");
  }

  @Test
  void anEngineThatFailsIs500WithoutItsReason() {
    test.model.failAfter = 0;
    var answer = chat("");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.error().path("type").asText()).isEqualTo("server_error");
    assertThat(answer.error().path("message").asText()).contains(answer.header("X-Request-Id"));
    assertThat(answer.body()).doesNotContain("secret");
    assertThat(chat("\"stream\": true").status()).isEqualTo(500);
  }

  @Test
  void anEngineThatFailsInTheMiddleOfAStreamEndsItWithAnError() {
    test.model.failAfter = 3;
    var answer = chat("\"stream\": true");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).doesNotContain("[DONE]").doesNotContain("secret");
    String last = answer.body().strip().lines().reduce((a, b) -> b).orElseThrow();
    assertThat(Http.parse(last.substring("data: ".length())).at("/error/code").asText())
        .isEqualTo("internal_error");
  }
}
