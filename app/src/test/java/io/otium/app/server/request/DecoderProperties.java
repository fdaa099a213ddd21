package io.otium.app.server.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.server.ApiException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any JSON gives a request or a refusal of status 4xx, and nothing else. */
class DecoderProperties {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** The fields that some decoder knows, so that random objects get past the first check. */
  private static final List<String> FIELDS =
      List.of(
          "model",
          "messages",
          "prompt",
          "input",
          "n",
          "stream",
          "stream_options",
          "include_usage",
          "stop",
          "seed",
          "logprobs",
          "top_logprobs",
          "logit_bias",
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "max_tokens",
          "max_completion_tokens",
          "echo",
          "suffix",
          "best_of",
          "tools",
          "response_format",
          "modalities",
          "otium",
          "encoding_format",
          "dimensions",
          "user",
          "role",
          "content",
          "type",
          "text",
          "name",
          "7");

  private static final List<String> WORDS =
      List.of("user", "system", "assistant", "text", "float", "base64", "none", "", "\uD800", "a");

  private static Arbitrary<JsonNode> scalars() {
    return Arbitraries.oneOf(
        Arbitraries.of(WORDS).map(JSON::textNode),
        Arbitraries.strings().ofMaxLength(8).map(JSON::textNode),
        Arbitraries.integers().between(-2, 30).map(JSON::numberNode),
        Arbitraries.longs().map(JSON::numberNode),
        Arbitraries.bigIntegers()
            .between(BigInteger.TWO.pow(200).negate(), BigInteger.TWO.pow(200))
            .map(JSON::numberNode),
        Arbitraries.of(0.0, 0.5, 1.0, -1.0, 1e300, Double.NaN, Double.POSITIVE_INFINITY)
            .map(JSON::numberNode),
        Arbitraries.of(true, false).map(JSON::booleanNode),
        Arbitraries.just(JSON.nullNode()));
  }

  private static Arbitrary<JsonNode> values(int depth) {
    if (depth == 0) return scalars();
    Arbitrary<JsonNode> inner = values(depth - 1);
    return Arbitraries.oneOf(
        scalars(),
        inner.list().ofMaxSize(4).map(DecoderProperties::list),
        objects(inner).map(object -> object));
  }

  private static JsonNode list(List<JsonNode> items) {
    ArrayNode list = JSON.arrayNode();
    list.addAll(items);
    return list;
  }

  private static Arbitrary<ObjectNode> objects(Arbitrary<JsonNode> inner) {
    return Arbitraries.maps(Arbitraries.of(FIELDS), inner)
        .ofMaxSize(6)
        .map(
            fields -> {
              ObjectNode object = JSON.objectNode();
              object.setAll(Map.copyOf(fields));
              return object;
            });
  }

  @Provide
  Arbitrary<JsonNode> anyJson() {
    return values(3);
  }

  /** Good requests with one to six fields overwritten by anything. */
  @Provide
  Arbitrary<JsonNode> nearlyGood() {
    return objects(values(2))
        .map(
            changes -> {
              ObjectNode body = JSON.objectNode();
              body.putArray("messages").addObject().put("role", "user").put("content", "Hi");
              body.put("prompt", "Hi").put("input", "Hi");
              body.setAll(changes);
              return body;
            });
  }

  private static void decodesOrRefuses(JsonNode body) {
    attempt(ChatRequestDecoder::decode, body);
    attempt(CompletionRequestDecoder::decode, body);
    attempt(EmbeddingRequestDecoder::decode, body);
    // Each endpoint alone, without the fields of the others.
    for (String other : List.of("messages", "prompt", "input")) {
      if (!body.isObject()) return;
      ObjectNode alone = body.deepCopy();
      for (String field : List.of("messages", "prompt", "input")) {
        if (!field.equals(other)) alone.remove(field);
      }
      attempt(ChatRequestDecoder::decode, alone);
      attempt(CompletionRequestDecoder::decode, alone);
      attempt(EmbeddingRequestDecoder::decode, alone);
    }
  }

  private static void attempt(Function<JsonNode, Object> decoder, JsonNode body) {
    try {
      assertThat(decoder.apply(body)).isNotNull();
    } catch (ApiException refused) {
      assertThat(refused.status()).isBetween(400, 499);
      assertThat(refused.getMessage()).isNotBlank().doesNotContain("\n").hasSizeLessThan(1500);
    }
  }

  @Property(tries = 2000)
  void anyJsonIsARequestOrARefusal(@ForAll("anyJson") JsonNode body) {
    decodesOrRefuses(body);
  }

  @Property(tries = 2000)
  void aNearlyGoodBodyIsARequestOrARefusal(@ForAll("nearlyGood") JsonNode body) {
    decodesOrRefuses(body);
  }
}
