package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import java.util.List;

/** Reads a request to {@code /v1/completions}. */
public final class CompletionRequestDecoder {
  /** Most answers to one request: prompts times n. */
  static final int MOST_ANSWERS = 256;

  /** OpenAI's own default, which clients count on. */
  static final int DEFAULT_MAX_TOKENS = 16;

  private CompletionRequestDecoder() {}

  /**
   * @throws ApiException 400 for anything that is not understood in full
   */
  public static CompletionRequest decode(JsonNode body) {
    var fields = new RequestFields(body, "");
    String model = fields.text("model");
    List<PromptInput> prompts = PromptInput.decode("prompt", fields.take("prompt"), MOST_ANSWERS);
    int maxTokens = fields.integer("max_tokens", DEFAULT_MAX_TOKENS, 0, Integer.MAX_VALUE);
    int logprobs = fields.integer("logprobs", -1, 0, 20);
    boolean echo = fields.flag("echo", false);
    var options = SamplingFields.decode(fields, maxTokens, logprobs, echo);
    var delivery = Delivery.decode(fields);
    if (prompts.size() * delivery.n() > MOST_ANSWERS) {
      throw ApiException.invalid(
          "n",
          "%d prompts times n = %d is more than the %d answers that one request may ask for"
              .formatted(prompts.size(), delivery.n(), MOST_ANSWERS));
    }
    SamplingFields.ignoreHarmless(fields);
    fields.refuse("suffix", "is not supported: no model here fills in the middle");
    fields.refuseUnless("best_of", "1", "must be 1: answers are not drawn to be thrown away");
    fields.end();
    return new CompletionRequest(model, prompts, options, delivery);
  }
}
