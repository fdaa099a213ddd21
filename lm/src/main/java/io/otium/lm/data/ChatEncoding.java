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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Chats in the model's own template, from a column of messages or from a prompt and a completion;
 * the assistant's words and the ends of its turns are learnt.
 */
final class ChatEncoding implements Encoding {
  /** Templates that write the date find always the same: a text must not change by the day. */
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 1, 0, 0);

  /**
   * @param passedOver positions of messages that are not learnt, whoever said them
   */
  private record Chat(List<ChatMessage> messages, Set<Integer> passedOver) {}

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
    Chat chat =
        columns.size() == 1
            ? chat(row, columns.getFirst())
            : new Chat(
                List.of(
                    ChatMessage.user(row.text(columns.getFirst())),
                    ChatMessage.assistant(row.text(columns.getLast()))),
                Set.of());
    try {
      return template.labelled(
          tokenizer, chat.messages, i -> !chat.passedOver.contains(i), Map.of(), NOW);
    } catch (DataException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new DataException(row.where() + ": " + e.getMessage(), e);
    }
  }

  static LabelledTokens encode(
      Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages) {
    return template.labelled(tokenizer, messages, i -> true, Map.of(), NOW);
  }

  /**
   * The chat of a row: a list of objects with a role and a content, at least one of the assistant's
   * to learn. A message with {@code "weight": 0} is read and not learnt, as in OpenAI's files.
   */
  private static Chat chat(Row row, String column) {
    JsonNode list = row.value(column);
    if (!list.isArray() || list.isEmpty()) {
      String kind = list.getNodeType().name().toLowerCase(Locale.ROOT);
      throw row.refused(
          column,
          (list.isArray() ? "an empty list" : "a " + kind)
              + " where a list of messages is due, each {\"role\": …, \"content\": …}");
    }
    List<ChatMessage> messages = new ArrayList<>();
    Set<Integer> passedOver = new HashSet<>();
    boolean learned = false;
    for (int i = 0; i < list.size(); i++) {
      JsonNode role = list.path(i).path("role");
      JsonNode content = list.path(i).path("content");
      JsonNode weight = list.path(i).path("weight");
      String which = " (number %d of %d)".formatted(i + 1, list.size());
      if (!role.isTextual() || !content.isTextual()) {
        String key = role.isTextual() ? "content" : "role";
        throw row.refused(column, "a message without a text under \"" + key + "\"" + which);
      }
      boolean unset = weight.isMissingNode() || weight.isNull();
      if (!unset && weight.asDouble(-1) != 0 && weight.asDouble(-1) != 1) {
        throw row.refused(
            column, "a message whose \"weight\" is " + weight + ", not 0 or 1" + which);
      }
      if (!unset && weight.asDouble() == 0) {
        passedOver.add(i);
      } else {
        learned |= role.asText().equals("assistant");
      }
      messages.add(new ChatMessage(role.asText(), content.asText()));
    }
    if (!learned) {
      throw row.refused(column, "no message of the assistant to learn");
    }
    return new Chat(messages, passedOver);
  }

  @Override
  public String description() {
    return "chat\n%s\n%s\n%s"
        .formatted(columns, template.source(), TokenizerFingerprint.of(tokenizer));
  }
}
