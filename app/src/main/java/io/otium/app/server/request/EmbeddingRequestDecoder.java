package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import java.util.List;

/** Reads a request to {@code /v1/embeddings}. */
public final class EmbeddingRequestDecoder {
  /** OpenAI's own bound. */
  static final int MOST_INPUTS = 2048;

  private EmbeddingRequestDecoder() {}

  /**
   * @throws ApiException 400 for anything that is not understood in full
   */
  public static EmbeddingRequest decode(JsonNode body) {
    var fields = new RequestFields(body, "");
    String model = fields.text("model");
    List<PromptInput> inputs = PromptInput.decode("input", fields.take("input"), MOST_INPUTS);
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) instanceof PromptInput.Text(String text) && text.isEmpty()) {
        throw ApiException.invalid("input", "input " + i + " is an empty text; it has no meaning");
      }
    }
    String format = fields.text("encoding_format");
    if (format != null && !List.of("float", "base64").contains(format)) {
      throw ApiException.invalid("encoding_format", "encoding_format must be float or base64");
    }
    Integer dimensions =
        fields.take("dimensions") == null ? null : fields.integer("dimensions", 1, 1, 1 << 20);
    SamplingFields.ignoreHarmless(fields);
    fields.end();
    return new EmbeddingRequest(model, inputs, "base64".equals(format), dimensions);
  }
}
