package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import io.otium.lm.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a request to {@code /v1/chat/completions}. */
public final class ChatRequestDecoder {
  static final int MOST_MESSAGES = 4096;

  private static final String NO_TOOLS = "is not supported yet: this server calls no tools";
  private static final String TEXT_ONLY = "is not supported: this server takes and gives text only";

  private ChatRequestDecoder() {}

  /**
   * @throws ApiException 400 for anything that is not understood in full
   */
  public static ChatRequest decode(JsonNode body) {
    var fields = new RequestFields(body, "");
    String model = fields.text("model");
    List<ChatMessage> messages = messages(fields.take("messages"));
    int maxTokens = maxTokens(fields);
    boolean logprobs = fields.flag("logprobs", false);
    boolean asksTop = fields.take("top_logprobs") != null;
    int top = fields.integer("top_logprobs", 0, 0, 20);
    if (asksTop && !logprobs) {
      throw ApiException.invalid("top_logprobs", "top_logprobs is allowed only with logprobs true");
    }
    var options = SamplingFields.decode(fields, maxTokens, logprobs ? top : -1, false);
    var delivery = Delivery.decode(fields);
    SamplingFields.ignoreHarmless(fields);
    refuseUnsupported(fields);
    fields.end();
    return new ChatRequest(model, messages, options, delivery);
  }

  private static int maxTokens(RequestFields fields) {
    int old = fields.integer("max_tokens", -1, 1, Integer.MAX_VALUE);
    int current = fields.integer("max_completion_tokens", -1, 1, Integer.MAX_VALUE);
    if (old >= 0 && current >= 0 && old != current) {
      throw ApiException.invalid(
          "max_tokens", "max_tokens and max_completion_tokens are one thing; give one of them");
    }
    return Math.max(old, current);
  }

  private static void refuseUnsupported(RequestFields fields) {
    fields.refuse("tools", NO_TOOLS);
    fields.refuse("functions", NO_TOOLS);
    fields.refuse("parallel_tool_calls", NO_TOOLS);
    fields.refuseUnless("tool_choice", "none", NO_TOOLS);
    fields.refuseUnless("function_call", "none", NO_TOOLS);
    fields.refuse("web_search_options", "is not supported: this server searches nothing");
    fields.refuse("audio", TEXT_ONLY);
    fields.refuse("prediction", "is not supported");
    fields.refuse("reasoning_effort", "is not supported: no model here reasons by degrees");
    fields.refuse("verbosity", "is not supported");
    JsonNode modalities = fields.take("modalities");
    if (modalities != null
        && !(modalities.isArray()
            && modalities.size() == 1
            && modalities.get(0).asText().equals("text"))) {
      throw ApiException.unsupported("modalities", "modalities must be [\"text\"]");
    }
    JsonNode format = fields.take("response_format");
    if (format != null) {
      var inner = new RequestFields(format, "response_format");
      String type = inner.text("type");
      if (type == null || !type.equals("text")) {
        throw ApiException.unsupported(
            "response_format",
            "response_format must be {\"type\": \"text\"}; schemas are not supported yet");
      }
      inner.end();
    }
  }

  private static List<ChatMessage> messages(@Nullable JsonNode value) {
    if (value == null) throw ApiException.invalid("messages", "messages is missing");
    if (!value.isArray()) throw RequestFields.wrong("messages", "a list", value);
    if (value.isEmpty() || value.size() > MOST_MESSAGES) {
      throw ApiException.invalid(
          "messages",
          "messages must hold 1 to %d messages, not %d".formatted(MOST_MESSAGES, value.size()));
    }
    var messages = new ArrayList<ChatMessage>();
    for (int i = 0; i < value.size(); i++) {
      messages.add(message(new RequestFields(value.get(i), "messages[" + i + "]")));
    }
    return messages;
  }

  private static ChatMessage message(RequestFields fields) {
    String role = fields.text("role");
    if (role == null) {
      throw ApiException.invalid(fields.path("role"), fields.path("role") + " is missing");
    }
    String known =
        switch (role) {
          // What newer clients call the system message; templates know the old name.
          case "developer" -> "system";
          case "system", "user", "assistant" -> role;
          case "tool", "function" ->
              throw ApiException.unsupported(
                  fields.path("role"), fields.path("role") + ": '" + role + "' " + NO_TOOLS);
          default ->
              throw ApiException.invalid(
                  fields.path("role"),
                  fields.path("role") + " must be system, developer, user or assistant");
        };
    fields.refuse("tool_calls", NO_TOOLS);
    fields.refuse("function_call", NO_TOOLS);
    fields.refuse("tool_call_id", NO_TOOLS);
    fields.refuse("audio", TEXT_ONLY);
    fields.refuse("refusal", "is not supported: this server's answers have none");
    // Checked, but templates have no place for it.
    fields.text("name");
    // What assistant messages of our own answers come back with.
    fields.ignore("annotations");
    String content = content(fields);
    fields.end();
    return new ChatMessage(known, content);
  }

  private static String content(RequestFields fields) {
    JsonNode value = fields.take("content");
    String path = fields.path("content");
    if (value == null) throw ApiException.invalid(path, path + " is missing");
    if (value.isTextual()) return RequestFields.text(value, path);
    if (!value.isArray()) {
      throw RequestFields.wrong(path, "a string or a list of text parts", value);
    }
    var text = new StringBuilder();
    for (int i = 0; i < value.size(); i++) {
      var part = new RequestFields(value.get(i), path + "[" + i + "]");
      String type = part.text("type");
      if (type == null || !type.equals("text")) {
        throw ApiException.unsupported(
            part.path("type"),
            part.path("type") + " must be text; this server takes no images, sounds or files");
      }
      String words = part.text("text");
      if (words == null) {
        throw ApiException.invalid(part.path("text"), part.path("text") + " is missing");
      }
      part.end();
      text.append(words);
    }
    return text.toString();
  }
}
