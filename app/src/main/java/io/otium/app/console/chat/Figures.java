package io.otium.app.console.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.otium.lm.engine.GenerationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an answer costs, while it is written and after.
 *
 * @param tokens generated so far
 * @param ttftMs from asking to the first token; 0 before it
 * @param tokensPerSecond after the first token
 * @param promptTokens length of the prompt
 * @param cachedTokens of the prompt, those found in the prefix cache
 * @param kvSlots cache slots held
 * @param kvBytes bytes of them; 0 where not known yet
 * @param finish {@code stop}, {@code length}, {@code cancelled} or empty
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record Figures(
    int tokens,
    double ttftMs,
    double tokensPerSecond,
    int promptTokens,
    int cachedTokens,
    long kvSlots,
    long kvBytes,
    String finish) {
  /** Before anything is known. */
  public static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0, 0, "");

  private static final JsonMapper JSON = new JsonMapper();

  /** A figure as shown. */
  public record Shown(String label, String value, String explained) {}

  static Figures of(GenerationResult result) {
    var stats = result.stats();
    return new Figures(
        result.tokens().length,
        stats.ttftMs(),
        finite(stats.tokensPerSecond()),
        result.promptTokens(),
        result.cachedTokens(),
        stats.kvSlots(),
        stats.kvBytes(),
        result.finish().name().toLowerCase(Locale.ROOT));
  }

  /** The figures that are known, as text. */
  public List<Shown> shown() {
    List<Shown> list = new ArrayList<>();
    if (ttftMs > 0) {
      list.add(
          new Shown("first token", milliseconds(ttftMs), "Time from asking to the first token"));
    }
    if (tokensPerSecond > 0) {
      list.add(
          new Shown("tok/s", number(tokensPerSecond), "Tokens a second after the first token"));
    }
    if (tokens > 0) {
      list.add(new Shown("tokens", number(tokens), "Tokens of the answer"));
    }
    if (promptTokens > 0) {
      String cached =
          cachedTokens > 0
              ? ", %s of them from the prefix cache".formatted(number(cachedTokens))
              : "";
      list.add(new Shown("prompt", number(promptTokens), "Tokens of the prompt" + cached));
    }
    if (kvSlots > 0) {
      String bytes = kvBytes > 0 ? " · " + bytes(kvBytes) : "";
      list.add(
          new Shown("KV slots", number(kvSlots) + bytes, "Key-value cache slots the answer holds"));
    }
    return list;
  }

  String stored() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Figures read(String stored) {
    try {
      var node = JSON.readTree(stored);
      return new Figures(
          node.path("tokens").asInt(),
          node.path("ttftMs").asDouble(),
          node.path("tokensPerSecond").asDouble(),
          node.path("promptTokens").asInt(),
          node.path("cachedTokens").asInt(),
          node.path("kvSlots").asLong(),
          node.path("kvBytes").asLong(),
          node.path("finish").asText(""));
    } catch (JsonProcessingException e) {
      return NONE;
    }
  }

  /** Bytes in the unit that leaves one to three digits before the point. */
  public static String bytes(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (bytes >= 1024 && unit < units.length - 1) {
      bytes /= 1024;
      unit++;
    }
    String format = unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, format, bytes, units[unit]);
  }

  static String milliseconds(double ms) {
    return ms < 1000
        ? String.format(Locale.ROOT, "%.0f ms", ms)
        : String.format(Locale.ROOT, "%.2f s", ms / 1000);
  }

  static String number(double value) {
    boolean whole = value == Math.rint(value) || value >= 100;
    return String.format(Locale.ROOT, whole ? "%,.0f" : "%.1f", value);
  }

  static double finite(double value) {
    return Double.isFinite(value) ? value : 0;
  }
}
