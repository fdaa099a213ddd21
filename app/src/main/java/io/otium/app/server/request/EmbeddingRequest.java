package io.otium.app.server.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to {@code /v1/embeddings}.
 *
 * @param model null for the default model
 * @param base64 vectors as base64 of little-endian fp32 instead of lists of numbers
 * @param dimensions length of the vectors asked for; null for the model's own
 */
public record EmbeddingRequest(
    @Nullable String model,
    List<PromptInput> inputs,
    boolean base64,
    @Nullable Integer dimensions) {
  public EmbeddingRequest {
    inputs = List.copyOf(inputs);
  }
}
