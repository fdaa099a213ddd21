package io.otium.lm.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.GgufValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What a model's files say about text, in the other form: Hugging Face's files, or GGUF's keys. */
public final class TokenizerFiles {
  private static final String TEMPLATE = "tokenizer.chat_template";

  private TokenizerFiles() {}

  /**
   * The text of Hugging Face's files, by name, from a GGUF file's metadata: {@code tokenizer.json},
   * {@code tokenizer_config.json} and {@code special_tokens_map.json}.
   *
   * @param context tokens that the model can see at once
   * @throws IllegalArgumentException if the tokenizer is of a kind that cannot be written so
   */
  public static Map<String, String> ofGguf(
      Map<String, Object> metadata, ModelText text, int context) {
    ObjectNode special = TokenizerJson.MAPPER.createObjectNode();
    new TreeMap<>(text.specialTokens())
        .forEach((name, token) -> special.put(name, String.valueOf(token)));
    ObjectNode config = special.deepCopy();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("model_max_length", context).put("clean_up_tokenization_spaces", false);
    ChatTemplate template = text.chatTemplate();
    if (template != null) config.put("chat_template", template.jinja());
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tokenizer.json", pretty(new GgufTokenizerJson(metadata).json()));
    files.put("tokenizer_config.json", pretty(config));
    files.put("special_tokens_map.json", pretty(special));
    return files;
  }

  /**
   * The tokenizer and the chat template as GGUF's metadata, from {@code tokenizer.json}.
   *
   * @param rows of the token embedding
   * @throws IllegalArgumentException if llama.cpp has no form for the tokenizer
   */
  public static Map<String, GgufValue> gguf(Path tokenizerJson, ModelText text, int rows)
      throws IOException {
    if (!(TokenizerJson.MAPPER.readTree(tokenizerJson.toFile()) instanceof ObjectNode json)) {
      throw new IllegalArgumentException(tokenizerJson + " is no JSON object");
    }
    Map<String, GgufValue> values =
        new GgufVocabulary(json, text.specialTokens(), text.tokenizer().eos(), rows).values();
    ChatTemplate template = text.chatTemplate();
    if (template != null) values.put(TEMPLATE, GgufValue.string(template.jinja()));
    return values;
  }

  private static String pretty(ObjectNode json) {
    try {
      return TokenizerJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can always be written", e);
    }
  }
}
