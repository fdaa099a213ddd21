package io.otium.app.server.request;

import io.otium.lm.engine.GenerateOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to {@code /v1/completions}.
 *
 * @param model null for the default model
 */
public record CompletionRequest(
    @Nullable String model, List<PromptInput> prompts, GenerateOptions options, Delivery delivery) {
  public CompletionRequest {
    prompts = List.copyOf(prompts);
  }
}
