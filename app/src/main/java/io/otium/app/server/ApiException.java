package io.otium.app.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** A request that cannot be served, as OpenAI's clients expect to hear of it. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;

  public ApiException(
      int status, String type, @Nullable String param, @Nullable String code, String message) {
    // A refusal is an answer, not a bug: no stack trace is wanted or paid for.
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** 400: a field has a value that is not allowed. */
  public static ApiException invalid(@Nullable String param, String message) {
    return new ApiException(400, "invalid_request_error", param, null, message);
  }

  /** 400: the model is an encoder. */
  static ApiException embedsOnly(String id) {
    return invalid(
        "model", "the model '" + id + "' makes embeddings only; ask it at /v1/embeddings");
  }

  /** 400: a field is known to OpenAI's API, but not supported here. */
  public static ApiException unsupported(String param, String message) {
    return new ApiException(400, "invalid_request_error", param, "unsupported_parameter", message);
  }

  public static ApiException contextTooLong(String param, int context, long asked) {
    return new ApiException(
        400,
        "invalid_request_error",
        param,
        "context_length_exceeded",
        "the model's context is %d tokens; this request needs %d".formatted(context, asked));
  }

  public static ApiException modelNotFound(String model) {
    return new ApiException(
        404,
        "invalid_request_error",
        "model",
        "model_not_found",
        "the model '" + Quote.of(model) + "' is not loaded here; /v1/models lists those that are");
  }

  public static ApiException tooManyRequests(String message) {
    return new ApiException(429, "rate_limit_error", null, "queue_full", message);
  }

  public static ApiException stopping() {
    return new ApiException(
        503, "server_error", null, "server_stopping", "the server is stopping; try another");
  }

  public int status() {
    return status;
  }

  public @Nullable String param() {
    return param;
  }

  public @Nullable String code() {
    return code;
  }

  /** {@code {"error": {message, type, param, code}}}. */
  public ObjectNode toJson() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", param)
        .put("code", code);
    return body;
  }
}
