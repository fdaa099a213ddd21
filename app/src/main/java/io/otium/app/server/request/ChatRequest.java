package io.otium.app.server.request;

import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.text.ChatMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to {@code /v1/chat/completions}.
 *
 * @param model null for the default model
 */
public record ChatRequest(
    @Nullable String model,
    List<ChatMessage> messages,
    GenerateOptions options,
    Delivery delivery) {
  public ChatRequest {
    messages = List.copyOf(messages);
  }
}
