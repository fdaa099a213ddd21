package io.otium.app.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a program that trained prints as its last line, whatever language it is written in: {@code
 * {"perSecond": 512.3, "peakMiB": 1800, "losses": [2.1, 2.0]}}.
 *
 * @param perSecond tokens or steps, the median of the timed updates
 * @param peakMiB most that the process ever had in memory (Linux: {@code VmHWM})
 * @param losses means over the targets of each update, all of them; none where nothing is compared
 */
public record TrainingFigures(double perSecond, double peakMiB, List<Double> losses) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  public TrainingFigures {
    losses = List.copyOf(losses);
  }

  /** The line. */
  public String write() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record can always be written", e);
    }
  }

  /**
   * Reads the last line of what a program printed.
   *
   * @throws BenchException if it is something else
   */
  static TrainingFigures read(String program, String out) {
    String line = Command.lastLine(out);
    try {
      return MAPPER.readValue(line, TrainingFigures.class);
    } catch (JsonProcessingException e) {
      throw new BenchException("%s printed no figures but: %s".formatted(program, line), e);
    }
  }

  /** Speed and memory as rows of a part. */
  Map<String, Double> rows(TrainingPart part, TrainingSize size) {
    Map<String, Double> rows = new LinkedHashMap<>();
    rows.put(part.label(size), perSecond);
    rows.put(part.memoryLabel(size), peakMiB);
    return rows;
  }

  /**
   * The largest difference of two curves.
   *
   * @throws BenchException if one has more updates
   */
  double differenceTo(TrainingFigures other) {
    if (losses.size() != other.losses.size()) {
      throw new BenchException(
          "two loss curves have %d and %d updates".formatted(losses.size(), other.losses.size()));
    }
    double largest = 0;
    for (int i = 0; i < losses.size(); i++) {
      largest = Math.max(largest, Math.abs(losses.get(i) - other.losses.get(i)));
    }
    return largest;
  }
}
