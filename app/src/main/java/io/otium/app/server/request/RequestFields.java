package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import io.otium.app.server.Quote;
import io.otium.core.options.OptionException;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object, taken one by one with their type and range; what nobody took is
 * refused at the end. JSON's null counts as absent, as in OpenAI's API.
 */
final class RequestFields {
  private final JsonNode object;
  private final String path;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param path where the object stands, such as {@code messages[0]}; empty for the whole body
   */
  RequestFields(JsonNode object, String path) {
    if (!object.isObject()) {
      throw ApiException.invalid(
          path.isEmpty() ? null : path,
          (path.isEmpty() ? "the request body" : path) + " must be an object, not " + kind(object));
    }
    this.object = object;
    this.path = path;
  }

  /** Path of a field, as errors name it. */
  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  @Nullable JsonNode take(String name) {
    known.add(name);
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  /** A field that has no bearing on the answer: allowed with any value. */
  void ignore(String... names) {
    for (String name : names) known.add(name);
  }

  /** A field of OpenAI's API that is not supported here. */
  void refuse(String name, String reason) {
    if (take(name) != null) throw ApiException.unsupported(path(name), path(name) + " " + reason);
  }

  /** A field that is allowed only with one value, which asks for nothing. */
  void refuseUnless(String name, String allowed, String reason) {
    JsonNode value = take(name);
    if (value != null && !value.asText().equals(allowed)) {
      throw ApiException.unsupported(path(name), path(name) + " " + reason);
    }
  }

  @Nullable String text(String name) {
    JsonNode value = take(name);
    return value == null ? null : text(value, path(name));
  }

  /** A text, which must be whole Unicode: half a surrogate pair has no bytes. */
  static String text(JsonNode value, String path) {
    if (!value.isTextual()) throw wrong(path, "a string", value);
    String text = value.textValue();
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw ApiException.invalid(path, path + " has half of a surrogate pair: not valid Unicode");
    }
    return text;
  }

  boolean flag(String name, boolean otherwise) {
    JsonNode value = take(name);
    if (value == null) return otherwise;
    if (!value.isBoolean()) throw wrong(path(name), "true or false", value);
    return value.booleanValue();
  }

  int integer(String name, int otherwise, int min, int max) {
    return (int) integer(name, (long) otherwise, min, max);
  }

  long integer(String name, long otherwise, long min, long max) {
    JsonNode value = take(name);
    return value == null ? otherwise : integer(value, path(name), min, max);
  }

  static long integer(JsonNode value, String path, long min, long max) {
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      boolean bounded = min != Long.MIN_VALUE;
      throw wrong(path, "a whole number" + (bounded ? " from " + min + " to " + max : ""), value);
    }
    return value.longValue();
  }

  float number(String name, float otherwise, double min, double max) {
    JsonNode value = take(name);
    return value == null ? otherwise : number(value, path(name), min, max);
  }

  static float number(JsonNode value, String path, double min, double max) {
    double number = value.doubleValue();
    if (!value.isNumber() || !(number >= min && number <= max)) {
      throw wrong(path, "a number from " + plain(min) + " to " + plain(max), value);
    }
    return (float) number;
  }

  /** Refuses every field that was not asked for. */
  void end() {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (known.contains(name)) continue;
      String shown = Quote.of(path(name));
      throw new ApiException(
          400,
          "invalid_request_error",
          shown,
          "unknown_parameter",
          String.valueOf(OptionException.unknown(shown, known).getMessage()));
    }
  }

  static ApiException wrong(String path, String allowed, JsonNode value) {
    return ApiException.invalid(path, path + " must be " + allowed + ", not " + kind(value));
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case NUMBER, BOOLEAN -> Quote.of(value.asText());
      case STRING -> "the string '" + Quote.of(value.textValue()) + "'";
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case NULL -> "null";
      default -> value.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }
}
