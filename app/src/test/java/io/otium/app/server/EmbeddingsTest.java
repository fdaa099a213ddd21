package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.embedding.SentenceEncoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddingsTest {
  private final ServerUnderTest test = new ServerUnderTest();

  @BeforeEach
  void addEncoder() {
    test.models.addEncoder(SentenceEncoder.allMiniLm());
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private Http.Answer embed(String fields) {
    return test.http.post("/v1/embeddings", "{" + fields + "}");
  }

  @Test
  void theServedModelMakesVectorsInOpenAisShape() {
    JsonNode answer = embed("\"model\": \"fake\", \"input\": \"Hi\"").json();
    assertThat(answer.path("object").asText()).isEqualTo("list");
    assertThat(answer.path("model").asText()).isEqualTo("fake");
    assertThat(answer.at("/data/0/object").asText()).isEqualTo("embedding");
    assertThat(answer.at("/data/0/embedding")).hasSize(4);
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(3);
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(3);
  }

  @Test
  void anEncoderThatIsServedWritesNoText() {
    test.model.encoder = true;
    assertThat(embed("\"input\": \"Hi\"").status()).isEqualTo(200);
    for (var refused :
        List.of(
            test.http.post("/v1/completions", "{\"prompt\": \"Hi\"}"),
            test.http.post(
                "/v1/chat/completions",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"))) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.error().path("param").asText()).isEqualTo("model");
      assertThat(refused.error().path("message").asText()).contains("/v1/embeddings");
    }
  }

  @Test
  void inputsMayBeListsAndTokenIds() {
    JsonNode texts = embed("\"input\": [\"a\", \"b\"]").json();
    assertThat(texts.path("data").findValuesAsText("index")).containsExactly("0", "1");
    JsonNode ids = embed("\"input\": [256, 97]").json();
    assertThat(ids.at("/data/0/embedding")).isEqualTo(texts.at("/data/0/embedding"));
    assertThat(embed("\"input\": [[256, 97], [256, 98]]").json().path("data"))
        .isEqualTo(texts.path("data"));
  }

  @Test
  void base64IsTheSameVectorAsLittleEndianFloats() {
    JsonNode numbers = embed("\"input\": \"a\"").json().at("/data/0/embedding");
    String text =
        embed("\"input\": \"a\", \"encoding_format\": \"base64\"")
            .json()
            .at("/data/0/embedding")
            .asText();
    var floats =
        ByteBuffer.wrap(Base64.getDecoder().decode(text))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    assertThat(floats.remaining()).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      assertThat(floats.get(i)).isCloseTo((float) numbers.get(i).asDouble(), within(1e-7f));
    }
  }

  @Test
  void vectorsCannotBeCutShort() {
    assertThat(embed("\"input\": \"a\", \"dimensions\": 4").status()).isEqualTo(200);
    var refused = embed("\"input\": \"a\", \"dimensions\": 2");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.error().path("param").asText()).isEqualTo("dimensions");
  }

  @Test
  void emptyAndTooLongInputsAreRefused() {
    for (String input : new String[] {"\"\"", "[]", "[\"a\", \"\"]", "[[]]", "[1, -1]", "[259]"}) {
      var refused = embed("\"input\": " + input);
      assertThat(refused.status()).as(input).isEqualTo(400);
      assertThat(refused.error().path("param").asText()).as(input).startsWith("input");
    }
    assertThat(embed("\"input\": \"" + "x".repeat(600) + "\"").error().path("code").asText())
        .isEqualTo("context_length_exceeded");
  }

  @Test
  void aSentenceEncoderIsListedAfterTheModelsAndEmbedsSentences() {
    assertThat(test.http.get("/v1/models").json().path("data").findValuesAsText("id"))
        .containsExactly("fake", "all-minilm-l6-v2");
    assertThat(test.http.get("/v1/models/all-minilm-l6-v2").status()).isEqualTo(200);
    JsonNode answer =
        embed("\"model\": \"all-minilm-l6-v2\", \"input\": [\"A cat sleeps.\", \"A kitten naps.\"]")
            .json();
    assertThat(answer.at("/data/0/embedding")).hasSize(384);
    assertThat(answer.at("/data/1/embedding")).hasSize(384);
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isBetween(12, 14);
  }

  @Test
  void aSentenceEncoderChatsNotAndTakesNoTokenIds() {
    var chat =
        test.http.post(
            "/v1/chat/completions",
            "{\"model\": \"all-minilm-l6-v2\", \"messages\": [{\"role\": \"user\", \"content\":"
                + " \"Hi\"}]}");
    assertThat(chat.status()).isEqualTo(400);
    assertThat(chat.error().path("param").asText()).isEqualTo("model");
    assertThat(embed("\"model\": \"all-minilm-l6-v2\", \"input\": [1, 2]").status()).isEqualTo(400);
    assertThat(
            embed("\"model\": \"all-minilm-l6-v2\", \"input\": \"" + "word ".repeat(600) + "\"")
                .error()
                .path("code")
                .asText())
        .isEqualTo("context_length_exceeded");
  }
}
