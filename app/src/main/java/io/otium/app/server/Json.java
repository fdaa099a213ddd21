package io.otium.app.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Request bodies in, strictly: bounded in bytes, depth and digits, valid UTF-8, no key twice. */
public final class Json {
  public static final int DEEPEST = 64;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(100)
                          .maxNameLength(256)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * The body of a request.
   *
   * @throws ApiException 413 if it is larger than allowed, 400 if it is not one JSON value
   */
  public static JsonNode body(Context ctx, int maxBytes) throws IOException {
    if (ctx.req().getContentLengthLong() > maxBytes) throw tooLarge(maxBytes);
    byte[] bytes;
    try (InputStream in = ctx.bodyInputStream()) {
      bytes = in.readNBytes(maxBytes + 1);
    }
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    return parse(bytes);
  }

  static JsonNode parse(byte[] bytes) {
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
    } catch (CharacterCodingException invalid) {
      throw ApiException.invalid(null, "the request body is not valid UTF-8");
    }
    if (text.isBlank()) throw ApiException.invalid(null, "the request body is empty");
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node == null || node.isMissingNode()) {
        throw ApiException.invalid(null, "the request body is empty");
      }
      return node;
    } catch (StreamConstraintsException beyond) {
      throw ApiException.invalid(
          null,
          "the request body goes beyond a bound: nested at most %d deep, numbers of at most 100 digits, names of at most 256 characters"
              .formatted(DEEPEST));
    } catch (JsonProcessingException malformed) {
      var at = malformed.getLocation();
      String where =
          at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
      throw ApiException.invalid(
          null, "the request body is not valid JSON: " + Quote.of(reason(malformed)) + where);
    }
  }

  /** What is wrong, without the parser's advice to programmers. */
  private static String reason(JsonProcessingException malformed) {
    String first = malformed.getOriginalMessage().lines().findFirst().orElse("");
    return first
        .replaceFirst("^(Duplicate field '[^']*').*", "$1")
        .replaceFirst(": (enable|expected close marker|was expecting|not allowed when).*", "");
  }

  /** Compact JSON in UTF-8. */
  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  public static void answer(Context ctx, JsonNode node) {
    ctx.contentType("application/json").result(bytes(node));
  }

  private static ApiException tooLarge(int maxBytes) {
    return new ApiException(
        413,
        "invalid_request_error",
        null,
        "request_too_large",
        "the request body is larger than the " + maxBytes + " bytes this server takes");
  }
}
