package io.otium.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.text.ChatMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A conversation in a JSON file.
 *
 * @param model the model it was had with
 * @param settings by flag, as typed
 */
record ChatFile(
    String model,
    @Nullable String system,
    Map<String, String> settings,
    List<ChatMessage> messages) {
  ChatFile {
    settings = Map.copyOf(settings);
    messages = List.copyOf(messages);
  }

  void write(Path file) {
    ObjectNode root = Json.MAPPER.createObjectNode().put("model", model).put("system", system);
    ObjectNode values = root.putObject("settings");
    settings.forEach(values::put);
    var list = root.putArray("messages");
    for (ChatMessage message : messages) {
      list.addObject().put("role", message.role()).put("content", message.content());
    }
    try {
      Files.writeString(file, root.toPrettyString() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(file + " cannot be written: " + reason(e), e));
    }
  }

  /**
   * @throws IllegalArgumentException if the file is no saved conversation, saying what is missing
   */
  static ChatFile read(Path file) {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is no saved conversation: it is not JSON (line %d)"
              .formatted(file, e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(file + " cannot be read: " + reason(e), e));
    }
    if (!root.path("messages").isArray()) {
      throw new IllegalArgumentException(
          file + " is no saved conversation: it has no list 'messages'");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : root.path("messages")) {
      messages.add(new ChatMessage(text(file, message, "role"), text(file, message, "content")));
    }
    Map<String, String> settings = new LinkedHashMap<>();
    root.path("settings")
        .properties()
        .forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
    JsonNode system = root.path("system");
    return new ChatFile(
        root.path("model").asText(),
        system.isTextual() ? system.textValue() : null,
        settings,
        messages);
  }

  private static String text(Path file, JsonNode message, String key) {
    if (!message.path(key).isTextual()) {
      throw new IllegalArgumentException(
          "%s is no saved conversation: a message has no text '%s'".formatted(file, key));
    }
    return message.path(key).textValue();
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException || e instanceof java.io.FileNotFoundException
        ? "there is no such file or folder"
        : String.valueOf(e.getMessage());
  }
}
