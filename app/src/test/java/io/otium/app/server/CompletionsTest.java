package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompletionsTest {
  private final ServerUnderTest test = new ServerUnderTest();

  @AfterEach
  void stop() {
    test.close();
  }

  private Http.Answer complete(String fields) {
    return test.http.post("/v1/completions", "{\"model\": \"fake\", " + fields + "}");
  }

  @Test
  void aPromptIsGoneOnFromBySixteenTokensUnlessToldOtherwise() {
    test.model.endless = true;
    JsonNode answer = complete("\"prompt\": \"Once\"").json();
    assertThat(answer.path("object").asText()).isEqualTo("text_completion");
    assertThat(answer.path("id").asText()).startsWith("cmpl-");
    assertThat(answer.at("/choices/0/text").asText()).isEqualTo("Hello, world!Hel");
    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(test.model.tokenizer().decode(test.model.requests.getLast().prompt(), true))
        .isEqualTo("Once");
  }

  @Test
  void aListOfPromptsGivesAnAnswerToEachInOrder() {
    JsonNode answer = complete("\"prompt\": [\"a\", \"bb\"], \"n\": 2").json();
    assertThat(answer.path("choices").findValuesAsText("index"))
        .containsExactly("0", "1", "2", "3");
    assertThat(test.model.requests).extracting(r -> r.prompt().length).containsExactly(2, 2, 3, 3);
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(5);
    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(4 * 14);
  }

  @Test
  void promptsMayBeTokenIds() {
    complete("\"prompt\": [72, 105]");
    assertThat(test.model.requests.getLast().prompt()).containsExactly(72, 105);
    JsonNode answer = complete("\"prompt\": [[72, 105], [65]], \"echo\": true").json();
    assertThat(answer.at("/choices/0/text").asText()).isEqualTo("HiHello, world!");
    assertThat(answer.at("/choices/1/text").asText()).isEqualTo("AHello, world!");
  }

  @Test
  void anEchoWithoutNewTokensScoresThePrompt() {
    JsonNode choice =
        complete("\"prompt\": [72, 195, 188], \"max_tokens\": 0, \"echo\": true, \"logprobs\": 1")
            .json()
            .at("/choices/0");
    assertThat(choice.path("text").asText()).isEqualTo("Hü");
    JsonNode logprobs = choice.path("logprobs");
    assertThat(logprobs.path("tokens")).hasSize(3);
    assertThat(logprobs.at("/tokens/0").asText()).isEqualTo("H");
    assertThat(logprobs.at("/tokens/1").asText()).isEqualTo("bytes:\\xc3");
    assertThat(logprobs.at("/token_logprobs/0").isNull()).isTrue();
    assertThat(logprobs.at("/token_logprobs/1").asDouble()).isEqualTo(-0.5);
    assertThat(logprobs.at("/top_logprobs/0").isNull()).isTrue();
    assertThat(logprobs.at("/top_logprobs/1/bytes:\\xc3").asDouble()).isEqualTo(-0.5);
    assertThat(logprobs.path("text_offset").toString()).isEqualTo("[0,1,2]");
    assertThat(choice.path("finish_reason").asText()).isEqualTo("length");
    assertThat(test.model.requests.getLast().options().maxTokens()).isZero();
  }

  @Test
  void anEchoWithAnAnswerPutsBothUnderOneSetOfColumns() {
    JsonNode choice =
        complete("\"prompt\": [72], \"max_tokens\": 2, \"echo\": true, \"logprobs\": 0")
            .json()
            .at("/choices/0");
    assertThat(choice.path("text").asText()).isEqualTo("HHe");
    assertThat(choice.at("/logprobs/tokens").toString()).isEqualTo("[\"H\",\"H\",\"e\"]");
    assertThat(choice.at("/logprobs/text_offset").toString()).isEqualTo("[0,1,2]");
    assertThat(choice.at("/logprobs/top_logprobs").toString()).isEqualTo("[null,null,null]");
  }

  @Test
  void theTokenThatTheTokenizerPutsBeforeATextTakesNoRoomInIt() {
    JsonNode choice =
        complete("\"prompt\": \"ab\", \"max_tokens\": 1, \"echo\": true, \"logprobs\": 0")
            .json()
            .at("/choices/0");
    assertThat(choice.path("text").asText()).isEqualTo("abH");
    assertThat(choice.at("/logprobs/tokens").toString()).isEqualTo("[\"<s>\",\"a\",\"b\",\"H\"]");
    assertThat(choice.at("/logprobs/text_offset").toString()).isEqualTo("[0,0,1,2]");
  }

  @Test
  void aStreamEchoesFirstAndKeepsItsOffsets() {
    var text = new StringBuilder();
    var offsets = new StringBuilder();
    var answer =
        complete(
            "\"prompt\": [72], \"max_tokens\": 2, \"echo\": true, \"logprobs\": 0, \"stream\":"
                + " true");
    for (JsonNode event : answer.events()) {
      assertThat(event.path("object").asText()).isEqualTo("text_completion");
      text.append(event.at("/choices/0/text").asText());
      offsets.append(event.at("/choices/0/logprobs/text_offset").toString());
    }
    assertThat(text).hasToString("HHe");
    assertThat(offsets).hasToString("[0][1][2]");
  }

  @Test
  void aTokenIdOutsideTheVocabularyIsRefused() {
    var answer = complete("\"prompt\": [72, 259]");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().path("param").asText()).isEqualTo("prompt");
    assertThat(answer.error().path("message").asText()).contains("259").contains("258");
  }

  @Test
  void tooLongAPromptNamesContextAndNeed() {
    var answer = complete("\"prompt\": \"" + "x".repeat(600) + "\"");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().path("code").asText()).isEqualTo("context_length_exceeded");
    assertThat(answer.error().path("param").asText()).isEqualTo("prompt");
  }

  @Test
  void suffixAndBestOfAreRefusedByName() {
    for (String field : new String[] {"\"suffix\": \"end\"", "\"best_of\": 3"}) {
      var answer = complete("\"prompt\": \"a\", " + field);
      assertThat(answer.status()).as(field).isEqualTo(400);
      assertThat(field).contains(answer.error().path("param").asText());
    }
    assertThat(complete("\"prompt\": \"a\", \"best_of\": 1").status()).isEqualTo(200);
  }
}
