package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * In which form answers are wanted.
 *
 * @param n answers to each prompt
 * @param stream as server-sent events while they are written
 * @param includeUsage whether a stream ends with the tokens used
 * @param otium the methods asked for, an object; null for plain OpenAI
 */
public record Delivery(int n, boolean stream, boolean includeUsage, @Nullable JsonNode otium) {
  /** Most answers to one prompt. */
  public static final int MOST = 128;

  static Delivery decode(RequestFields fields) {
    boolean stream = fields.flag("stream", false);
    JsonNode streamOptions = fields.take("stream_options");
    boolean includeUsage = false;
    if (streamOptions != null) {
      var inner = new RequestFields(streamOptions, "stream_options");
      if (!stream) {
        throw ApiException.invalid("stream_options", "stream_options is allowed only with stream");
      }
      includeUsage = inner.flag("include_usage", false);
      // Padding against traffic analysis, which a local server does not add.
      inner.ignore("include_obfuscation");
      inner.end();
    }
    JsonNode otium = fields.take("otium");
    if (otium != null && !otium.isObject()) {
      throw RequestFields.wrong("otium", "an object", otium);
    }
    return new Delivery(fields.integer("n", 1, 1, MOST), stream, includeUsage, otium);
  }
}
