package io.otium.app.console.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A metric over a run's steps, thinned where it has more points than a screen: means of neighbours.
 *
 * @param values smoothed too, so that a trend shows through the noise of batches
 */
public record Curve(List<Double> steps, List<Double> values, List<Double> smooth) {
  private static final int MOST = 1500;

  /** The share of a new value in the moving mean. */
  private static final double NEW = 0.1;

  /** A run's metric; empty if it was never measured. */
  public static Curve of(List<JsonNode> lines, String metric) {
    List<JsonNode> measured = lines.stream().filter(l -> l.path(metric).isNumber()).toList();
    int stride = Math.max(1, (measured.size() + MOST - 1) / MOST);
    Curve curve = new Curve(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    double mean = 0;
    double share = 0;
    for (int i = 0; i < measured.size(); i += stride) {
      int end = Math.min(measured.size(), i + stride);
      double sum = 0;
      for (JsonNode line : measured.subList(i, end)) {
        double value = line.path(metric).asDouble();
        sum += value;
        mean += NEW * (value - mean);
        share += NEW * (1 - share);
      }
      curve.steps.add(measured.get(end - 1).path("step").asDouble());
      curve.values.add(sum / (end - i));
      curve.smooth.add(mean / share); // without the pull of the zero it began at
    }
    return curve;
  }
}
