package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A text to go on from or to embed: as text, or as the token ids of it. */
public sealed interface PromptInput {
  record Text(String text) implements PromptInput {}

  record Tokens(int[] ids) implements PromptInput {}

  /**
   * Reads a string, a list of strings, a list of token ids, or a list of such lists.
   *
   * @param most inputs allowed
   */
  static List<PromptInput> decode(String path, @Nullable JsonNode value, int most) {
    if (value == null) throw ApiException.invalid(path, path + " is missing");
    if (value.isTextual()) return List.of(new Text(RequestFields.text(value, path)));
    if (!value.isArray() || value.isEmpty()) {
      throw RequestFields.wrong(
          path, "a string, a list of strings, a list of token ids or a list of such lists", value);
    }
    if (value.get(0).isNumber()) return List.of(new Tokens(ids(value, path)));
    if (value.size() > most) {
      throw ApiException.invalid(
          path, "%s has %d inputs; at most %d are allowed".formatted(path, value.size(), most));
    }
    var inputs = new ArrayList<PromptInput>();
    for (int i = 0; i < value.size(); i++) {
      String at = path + "[" + i + "]";
      JsonNode item = value.get(i);
      inputs.add(
          item.isArray() ? new Tokens(ids(item, at)) : new Text(RequestFields.text(item, at)));
    }
    return inputs;
  }

  private static int[] ids(JsonNode list, String path) {
    if (list.isEmpty()) throw ApiException.invalid(path, path + " holds no token ids");
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) RequestFields.integer(list.get(i), path + "[" + i + "]", 0, Integer.MAX_VALUE);
    }
    return ids;
  }
}
