package io.otium.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** What {@code --json} prints. Its own class, so that Jackson loads only where it is used. */
final class Json {
  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static String line(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can always be written", e);
    }
  }

  /** One line for a program; indented for a person. */
  static void print(Cli cli, JsonNode node) {
    cli.out().println(cli.watching() ? node.toPrettyString() : line(node));
    cli.out().flush();
  }
}
