package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a request is said in one sentence that names the field. */
class BadRequestsTest {
  private static final ServerUnderTest TEST = new ServerUnderTest();
  private static final String CHAT = "/v1/chat/completions";

  @AfterAll
  static void stop() {
    TEST.close();
  }

  private static JsonNode refused(Http.Answer answer, int status) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    JsonNode error = answer.error();
    assertThat(error.path("message").asText()).isNotBlank().doesNotContain("Exception", "\n");
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.has("param")).isTrue();
    assertThat(error.has("code")).isTrue();
    return error;
  }

  private static JsonNode refusedChat(String field) {
    return refused(
        TEST.http.post(
            CHAT, "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], " + field + "}"),
        400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "temperature": "hot"                  | temperature
          "temperature": -0.1                   | temperature
          "temperature": 2.5                    | temperature
          "temperature": 1e999                  | temperature
          "temperature": true                   | temperature
          "top_p": 1.5                          | top_p
          "top_k": -2                           | top_k
          "top_k": 1.5                          | top_k
          "min_p": 7                            | min_p
          "repetition_penalty": 0               | repetition_penalty
          "presence_penalty": 3                 | presence_penalty
          "frequency_penalty": -3               | frequency_penalty
          "max_tokens": 0                       | max_tokens
          "max_tokens": -5                      | max_tokens
          "max_tokens": 99999999999999999999    | max_tokens
          "max_tokens": 3, "max_completion_tokens": 4 | max_tokens
          "n": 0                                | n
          "n": 1000                             | n
          "seed": 1.5                           | seed
          "seed": 99999999999999999999          | seed
          "stream": "yes"                       | stream
          "stream_options": {}                  | stream_options
          "stream": true, "stream_options": {"include_usage": 1} | stream_options.include_usage
          "stream": true, "stream_options": {"x": 1} | stream_options.x
          "stop": 5                             | stop
          "stop": ""                            | stop
          "stop": ["a", 5]                      | stop[1]
          "logprobs": 3                         | logprobs
          "top_logprobs": 3                     | top_logprobs
          "logprobs": true, "top_logprobs": 21  | top_logprobs
          "logit_bias": []                      | logit_bias
          "logit_bias": {"a": 1}                | logit_bias
          "logit_bias": {"01": 1}               | logit_bias
          "logit_bias": {"1": 101}              | logit_bias.1
          "logit_bias": {"259": 1}              | logit_bias
          "model": 5                            | model
          "otium": "lazy"                       | otium
          "otium": {"kv": {"method": "x"}}      | otium
          "service_tier": "priority"            | service_tier
          "temprature": 1                       | temprature
          """)
  void aFieldOfWrongTypeOrRangeIsNamed(String field, String param) {
    assertThat(refusedChat(field).path("param").asText()).isEqualTo(param);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "tools": [{"type": "function"}]       | tools
          "tool_choice": "auto"                 | tool_choice
          "functions": []                       | functions
          "function_call": "auto"               | function_call
          "parallel_tool_calls": true           | parallel_tool_calls
          "response_format": {"type": "json_object"} | response_format
          "response_format": {"type": "json_schema", "json_schema": {}} | response_format
          "modalities": ["text", "audio"]       | modalities
          "audio": {"voice": "alloy"}           | audio
          "prediction": {}                      | prediction
          "reasoning_effort": "low"             | reasoning_effort
          "web_search_options": {}              | web_search_options
          """)
  void whatIsNotSupportedIsRefusedByNameAndNeverIgnored(String field, String param) {
    JsonNode error = refusedChat(field);
    assertThat(error.path("param").asText()).isEqualTo(param);
    assertThat(error.path("code").asText()).isEqualTo("unsupported_parameter");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          5                                                     | messages
          []                                                    | messages
          [5]                                                   | messages[0]
          [{"content": "a"}]                                    | messages[0].role
          [{"role": "robot", "content": "a"}]                   | messages[0].role
          [{"role": "tool", "content": "a"}]                    | messages[0].role
          [{"role": "user"}]                                    | messages[0].content
          [{"role": "user", "content": 5}]                      | messages[0].content
          [{"role": "user", "content": "a", "x": 1}]            | messages[0].x
          [{"role": "user", "content": "a", "name": 1}]         | messages[0].name
          [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "tool_calls": []}] | messages[1].tool_calls
          [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}] | messages[0].content[0].type
          [{"role": "user", "content": [{"type": "text"}]}]     | messages[0].content[0].text
          [{"role": "user", "content": "\\ud800"}]              | messages[0].content
          """)
  void aBadMessageIsNamedByItsPath(String messages, String param) {
    JsonNode error = refused(TEST.http.post(CHAT, "{\"messages\": " + messages + "}"), 400);
    assertThat(error.path("param").asText()).isEqualTo(param);
  }

  @Test
  void aMisspelledFieldIsAnsweredWithTheNearestName() {
    assertThat(refusedChat("\"temprature\": 1").path("message").asText())
        .contains("did you mean temperature?");
  }

  @Test
  void missingMessagesAndPromptsAreNamed() {
    assertThat(refused(TEST.http.post(CHAT, "{}"), 400).path("param").asText())
        .isEqualTo("messages");
    assertThat(refused(TEST.http.post("/v1/completions", "{}"), 400).path("param").asText())
        .isEqualTo("prompt");
    assertThat(refused(TEST.http.post("/v1/embeddings", "{}"), 400).path("param").asText())
        .isEqualTo("input");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "nonsense",
        "[1, 2",
        "{\"messages\": NaN}",
        "{\"a\": 1, \"a\": 2}",
        "{} {}",
        "{\"temperature\": 01}",
        "{\"a\": \"\t\"}",
        "\uFEFF{}",
        "'a'"
      })
  void whatIsNotJsonIs400(String body) {
    String message = refused(TEST.http.post(CHAT, body), 400).path("message").asText();
    assertThat(message).doesNotContain("Feature", "ObjectNode", "[Source");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "null", "[]", "\"text\""})
  void aBodyThatIsNoObjectIs400(String body) {
    refused(TEST.http.post(CHAT, body), 400);
  }

  @Test
  void invalidUtf8Is400() {
    for (int[] wrong : new int[][] {{0xFF}, {0xC3, 0x28}, {0xED, 0xA0, 0x80}, {0xC0, 0xAF}}) {
      var body = new ByteArrayOutputStream();
      body.writeBytes("{\"prompt\": \"".getBytes(StandardCharsets.UTF_8));
      for (int b : wrong) body.write(b);
      body.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));
      JsonNode error = refused(TEST.http.post("/v1/completions", body.toByteArray()), 400);
      assertThat(error.path("message").asText()).contains("UTF-8");
    }
  }

  @Test
  void bombsAreRefusedBeforeTheyAreBuilt() {
    String deep = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);
    assertThat(refused(TEST.http.post(CHAT, deep), 400).path("message").asText())
        .contains("64 deep");
    refused(TEST.http.post(CHAT, "[".repeat(1_000_000)), 400);
    refusedChat("\"max_tokens\": 1" + "0".repeat(100_000));
    refusedChat("\"" + "x".repeat(100_000) + "\": 1");
    refusedChat("\"temperature\": 1e999999999");
  }

  @Test
  void tenThousandStopTextsAreRefusedWithTheBound() {
    JsonNode error = refusedChat("\"stop\": [" + "\"a\",".repeat(9_999) + "\"a\"]");
    assertThat(error.path("param").asText()).isEqualTo("stop");
    assertThat(error.path("message").asText()).contains("10000").contains("64");
  }

  @Test
  void tooManyAnswersInAllAreRefused() {
    String prompts = "[" + "\"a\",".repeat(99) + "\"a\"]";
    JsonNode error =
        refused(TEST.http.post("/v1/completions", "{\"prompt\": " + prompts + ", \"n\": 3}"), 400);
    assertThat(error.path("param").asText()).isEqualTo("n");
  }

  @Test
  void aBodyBeyondTheBoundIs413() {
    try (var test = new ServerUnderTest(options -> options.withMaxBodyBytes(2000))) {
      var answer = test.http.post(CHAT, "{\"user\": \"" + "x".repeat(3000) + "\"}");
      assertThat(refused(answer, 413).path("code").asText()).isEqualTo("request_too_large");
      try (var client = new RawClient(test.server)) {
        // In pieces, with no length told beforehand.
        client.send(
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "BB8\r\n"
                + "x".repeat(3000)
                + "\r\n0\r\n\r\n");
        assertThat(client.readUntil("request_too_large")).startsWith("HTTP/1.1 413");
      }
    }
  }

  @Test
  void aCallersWordsComeBackShortAndOnOneLine() {
    String name = "x\\n<script>" + "y".repeat(200);
    assertThat(refusedChat("\"" + name + "\": 1").path("message").asText())
        .doesNotContain("\n")
        .contains("…");
  }
}
