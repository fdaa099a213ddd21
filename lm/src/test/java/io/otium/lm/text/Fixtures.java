package io.otium.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The tokenizers and expected values among the test resources; README.md there says their source.
 */
final class Fixtures {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private Fixtures() {}

  static String text(String resource) {
    try (InputStream in = Fixtures.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json(String resource) {
    try {
      return MAPPER.readTree(text(resource));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode tokenizerJson(String name) {
    return (ObjectNode) json("/tokenizers/" + name + ".json");
  }

  /** In Java where the kind allows it. */
  static Tokenizer tokenizer(String name) {
    return TokenizerJson.read(tokenizerJson(name), -1, Set.of());
  }

  /** By Hugging Face's library. */
  static Tokenizer library(String name) {
    return HuggingFaceTokenizer.of(tokenizerJson(name), -1, Set.of());
  }

  /** What the reference implementation made of a text. */
  record Case(String text, int[] ids, int[] withSpecial, String decoded, String skipped) {}

  static List<Case> cases(String name) {
    JsonNode cases = json("/tokenizers/" + name + ".cases.json");
    return IntStream.range(0, cases.size())
        .mapToObj(cases::get)
        .map(
            c ->
                new Case(
                    c.path("text").asText(),
                    ids(c.path("ids")),
                    ids(c.path("special")),
                    c.path("decoded").asText(),
                    c.path("skipped").asText()))
        .toList();
  }

  static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }
}
