package io.otium.lm.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model's files say about text: its tokenizer, and its chat template if it has one.
 *
 * @param specialTokens spellings by the names that templates use, e.g. {@code bos_token}
 */
public record ModelText(
    Tokenizer tokenizer, @Nullable ChatTemplate chatTemplate, Map<String, Object> specialTokens) {
  private static final List<String> NAMES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "pad_token",
          "sep_token",
          "cls_token",
          "mask_token");

  /** Names of special tokens here and in GGUF. */
  private static final Map<String, String> GGUF_NAMES =
      Map.of(
          "bos_token", "bos_token_id",
          "eos_token", "eos_token_id",
          "unk_token", "unknown_token_id",
          "pad_token", "padding_token_id",
          "sep_token", "seperator_token_id");

  /**
   * @param metadata keys and values of a GGUF file
   * @throws IllegalArgumentException if they describe no tokenizer or a broken template
   */
  public static ModelText fromGguf(Map<String, Object> metadata) {
    Tokenizer tokenizer = Tokenizers.fromGguf(metadata);
    var special = new HashMap<String, Object>();
    GGUF_NAMES.forEach(
        (name, key) -> {
          if (metadata.get("tokenizer.ggml." + key) instanceof Number n
              && n.longValue() >= 0
              && n.longValue() < tokenizer.vocabularySize()) {
            special.put(name, tokenizer.token(n.intValue()));
          }
        });
    ChatTemplate template =
        metadata.get("tokenizer.chat_template") instanceof String jinja
            ? ChatTemplate.of(jinja, special)
            : null;
    return new ModelText(tokenizer, template, Map.copyOf(special));
  }

  /**
   * @param directory holds {@code tokenizer.json} and, where the model has them, {@code
   *     tokenizer_config.json}, {@code special_tokens_map.json}, {@code generation_config.json},
   *     {@code config.json} and {@code chat_template.jinja}
   * @throws IllegalArgumentException if a file is broken, with its name
   */
  public static ModelText fromDirectory(Path directory) throws IOException {
    return fromJson(
        directory.resolve("tokenizer.json"),
        directory.resolve("tokenizer_config.json"),
        directory.resolve("generation_config.json"));
  }

  /** The same from files of other names; those beside them are looked for in their folder. */
  public static ModelText fromJson(
      Path tokenizerJson, @Nullable Path tokenizerConfig, @Nullable Path generationConfig)
      throws IOException {
    if (!(read(tokenizerJson) instanceof ObjectNode json)) {
      throw new IllegalArgumentException(
          tokenizerJson.getFileName() + " is missing or is not a JSON object");
    }
    JsonNode config = tokenizerConfig == null ? MissingNode.getInstance() : read(tokenizerConfig);
    JsonNode generation =
        generationConfig == null ? MissingNode.getInstance() : read(generationConfig);
    JsonNode map = read(tokenizerJson.resolveSibling("special_tokens_map.json"));
    JsonNode model = read(tokenizerJson.resolveSibling("config.json"));
    var special = new HashMap<String, Object>();
    for (String name : NAMES) {
      for (JsonNode source : List.of(map, config)) {
        JsonNode token = source.path(name);
        String text = token.isObject() ? token.path("content").asText("") : token.asText("");
        if (!text.isEmpty() && !token.isNull()) {
          special.put(name, text);
        }
      }
    }
    Map<String, Integer> ids = TokenizerJson.ids(json);
    var ends = new LinkedHashSet<Integer>();
    int end = id(ids, special.get("eos_token"));
    if (end >= 0) {
      ends.add(end);
    }
    JsonNode listed = generation.has("eos_token_id") ? generation : model;
    JsonNode eos = listed.path("eos_token_id");
    (eos.isArray() ? eos : List.of(eos))
        .forEach(
            e -> {
              if (e.isIntegralNumber()) {
                ends.add(e.asInt());
              }
            });
    int bos = id(ids, special.get("bos_token"));
    Tokenizer tokenizer = TokenizerJson.read(json, bos, ends);
    String jinja = template(tokenizerJson.resolveSibling("chat_template.jinja"), config);
    ChatTemplate template = jinja == null ? null : ChatTemplate.of(jinja, special);
    return new ModelText(tokenizer, template, Map.copyOf(special));
  }

  /** The id of a token's spelling, or -1. */
  private static int id(Map<String, Integer> ids, @Nullable Object token) {
    return token instanceof String spelling ? ids.getOrDefault(spelling, -1) : -1;
  }

  private static @Nullable String template(Path file, JsonNode config) throws IOException {
    if (Files.exists(file)) {
      return Files.readString(file);
    }
    JsonNode template = config.path("chat_template");
    for (JsonNode named : template.isArray() ? template : List.<JsonNode>of()) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText();
      }
    }
    return template.isTextual() ? template.asText() : null;
  }

  private static JsonNode read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    try {
      return TokenizerJson.MAPPER.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file.getFileName() + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * The conversation as prompt tokens, as {@link ChatTemplate#tokens} makes them.
   *
   * @throws IllegalArgumentException if the model has no chat template, or its template refuses the
   *     conversation, with its reason
   */
  public int[] chatPrompt(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extra) {
    ChatTemplate template = chatTemplate;
    if (template == null) {
      throw new IllegalArgumentException("the model has no chat template; use plain completion");
    }
    return template.tokens(tokenizer, messages, addGenerationPrompt, extra);
  }
}
