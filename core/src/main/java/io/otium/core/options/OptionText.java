package io.otium.core.options;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Options as one types them: text to JSON by the option's type, and back. */
final class OptionText {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private OptionText() {}

  /** The JSON that the text means; what it cannot read stays text, and is refused as such. */
  static JsonNode read(OptionField field, String text) {
    String trimmed = text.strip();
    if (field.optional() && trimmed.equals("none")) {
      return JSON.nullNode();
    }
    return switch (field.type()) {
      case STRING, CHOICE -> JSON.textNode(text);
      case BOOLEAN ->
          switch (trimmed.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> JSON.booleanNode(true);
            case "false", "no", "off" -> JSON.booleanNode(false);
            default -> JSON.textNode(text);
          };
      case INT, LONG, FLOAT, DOUBLE -> number(trimmed);
      case STRINGS, INTS, DOUBLES -> list(field, trimmed);
      case INT_TO_FLOAT -> map(trimmed);
    };
  }

  private static JsonNode number(String text) {
    // BigDecimal would accept "1e999999999" and be slow to make a whole number of it.
    if (text.length() <= 40 && text.matches("[+-]?[0-9.]+([eE][+-]?[0-9]{1,3})?")) {
      try {
        return JSON.numberNode(new BigDecimal(text));
      } catch (NumberFormatException e) {
        return JSON.textNode(text);
      }
    }
    return JSON.textNode(text);
  }

  private static JsonNode list(OptionField field, String text) {
    if (text.startsWith("[")) {
      return json(text);
    }
    ArrayNode array = JSON.arrayNode();
    if (!text.isEmpty()) {
      for (String item : text.split(",", -1)) {
        array.add(field.type() == OptionType.STRINGS ? JSON.textNode(item) : number(item.strip()));
      }
    }
    return array;
  }

  private static JsonNode map(String text) {
    if (text.startsWith("{")) {
      return json(text);
    }
    ObjectNode object = JSON.objectNode();
    if (!text.isEmpty()) {
      for (String entry : text.split(",", -1)) {
        int equals = entry.indexOf('=');
        if (equals < 0) {
          return JSON.textNode(text);
        }
        object.set(entry.substring(0, equals).strip(), number(entry.substring(equals + 1).strip()));
      }
    }
    return object;
  }

  private static JsonNode json(String text) {
    try {
      return OptionJson.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return JSON.textNode(text);
    }
  }

  /** The text that {@link #read} takes for this value. */
  static String write(OptionField field, JsonNode value) {
    if (value.isNull()) {
      return "none";
    }
    return switch (field.type()) {
      case STRING, CHOICE, BOOLEAN, INT, LONG, FLOAT, DOUBLE -> value.asText();
      case INTS, DOUBLES -> {
        List<String> items = new ArrayList<>();
        value.forEach(item -> items.add(item.asText()));
        yield String.join(",", items);
      }
      // Commas inside a text would divide it.
      case STRINGS -> value.isEmpty() ? "" : value.toString();
      case INT_TO_FLOAT -> {
        List<String> items = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
          items.add(entry.getKey() + "=" + entry.getValue().asText());
        }
        yield String.join(",", items);
      }
    };
  }
}
