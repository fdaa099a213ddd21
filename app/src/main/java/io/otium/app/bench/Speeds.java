package io.otium.app.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a measured program prints as its last line, whatever language it is written in: {@code
 * [{"tokens": 128, "after": 64, "perSecond": 101.5}]}, {@code after} being 0 for a prompt.
 */
public final class Speeds {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Speeds() {}

  /** One speed, in tokens a second. */
  public record Speed(int tokens, int after, double perSecond) {}

  /** The line for these speeds. */
  public static String write(List<Speed> speeds) {
    try {
      return MAPPER.writeValueAsString(speeds);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a list of records can always be written", e);
    }
  }

  /**
   * Rows from what a program printed.
   *
   * @throws BenchException if its last line is something else
   */
  static Map<String, Double> read(String program, String out) {
    String line = Command.lastLine(out);
    try {
      JsonNode speeds = MAPPER.readTree(line);
      Map<String, Double> rows = new LinkedHashMap<>();
      for (JsonNode speed : speeds) {
        String label = label(speed.path("tokens").asInt(), speed.path("after").asInt());
        rows.put(label, speed.path("perSecond").asDouble(Double.NaN));
      }
      if (!speeds.isArray() || rows.isEmpty()) throw unreadable(program, line);
      return rows;
    } catch (JsonProcessingException e) {
      throw unreadable(program, line);
    }
  }

  private static BenchException unreadable(String program, String line) {
    return new BenchException("%s printed no speeds but: %s".formatted(program, line));
  }

  /** What a row is called. */
  static String label(int tokens, int after) {
    return after == 0 ? "prefill " + tokens : "decode %d after %,d".formatted(tokens, after);
  }
}
