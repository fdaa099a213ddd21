package io.otium.lm.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.data.DataException;
import io.otium.core.data.Row;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.text.LabelledTokens;
import io.otium.lm.text.Tokenizer;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Chats in the model's own template, from a column of messages or from a prompt and a completion;
 * the assistant's words and the ends of its turns are learnt.
 */
final class ChatEncoding implements Encoding {
  /** Templates that write the date find always the same: a text must not change by the day. */
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 1, 0, 0);

  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final List<String> columns;

  /**
   * @param columns one with the messages, or the prompt's and the completion's
   */
  ChatEncoding(Tokenizer tokenizer, ChatTemplate template, List<String> columns) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.columns = List.copyOf(columns);
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public LabelledTokens encode(Row row) {
    List<ChatMessage> messages =
        columns.size() == 1
            ? messages(row, columns.getFirst())
            : List.of(
                ChatMessage.user(row.text(columns.getFirst())),
                ChatMessage.assistant(row.text(columns.getLast())));
    try {
      return encode(tokenizer, template, messages);
    } catch (DataException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new DataException(row.where() + ": " + e.getMessage(), e);
    }
  }

  static LabelledTokens encode(
      Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages) {
    return template.labelled(tokenizer, messages, Map.of(), NOW);
  }

  /** The messages of a row: a list of objects with a role and a content, one of the assistant. */
  private static List<ChatMessage> messages(Row row, String column) {
    JsonNode list = row.value(column);
    if (!list.isArray() || list.isEmpty()) {
      throw row.refused(
          column,
          (list.isArray()
                  ? "an empty list"
                  : list.getNodeType().name().toLowerCase(java.util.Locale.ROOT))
              + " where a list of messages is due, each {\"role\": …, \"content\": …}");
    }
    List<ChatMessage> messages = new ArrayList<>();
    boolean assistant = false;
    for (int i = 0; i < list.size(); i++) {
      JsonNode role = list.path(i).path("role");
      JsonNode content = list.path(i).path("content");
      if (!role.isTextual() || !content.isTextual()) {
        throw row.refused(
            column,
            "a message without a text under \"%s\" (number %d of %d)"
                .formatted(role.isTextual() ? "content" : "role", i + 1, list.size()));
      }
      assistant |= role.asText().equals("assistant");
      messages.add(new ChatMessage(role.asText(), content.asText()));
    }
    if (!assistant) {
      throw row.refused(column, "no message of the assistant, so nothing to learn");
    }
    return messages;
  }

  @Override
  public String description() {
    return "chat\n%s\n%s\n%s"
        .formatted(columns, template.source(), TokenizerFingerprint.of(tokenizer));
  }
}
