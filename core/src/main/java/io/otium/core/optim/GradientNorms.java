package io.otium.core.optim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The norms of a run's gradients, of all parameters as one vector, step by step.
 *
 * @param l1 sums of absolute values
 * @param l2 Euclidean norms, of the same steps
 */
public record GradientNorms(double[] l1, double[] l2) {
  /** Names of the columns of a recording, and in a run's metrics. */
  static final String HEADER = "step,l1,l2";

  public static final String METRIC_L1 = "grad_l1";
  public static final String METRIC_L2 = "grad_l2";

  private static final ObjectMapper JSON = new ObjectMapper();

  public int steps() {
    return l1.length;
  }

  /** By step. */
  public double[] of(GradientNorm norm) {
    return (norm == GradientNorm.L1 ? l1 : l2).clone();
  }

  /**
   * Reads what a {@link GradientNormRecorder} wrote ({@code step,l1,l2}), a run's {@code
   * metrics.jsonl} with {@link #METRIC_L1} and {@link #METRIC_L2}, or a run's folder with either.
   *
   * @throws IllegalArgumentException with a sentence on what is wrong with the file
   */
  public static GradientNorms read(Path recording) {
    Path file = recording;
    if (Files.isDirectory(file)) {
      file = recording.resolve("artifacts").resolve(GradientNormRecorder.FILE);
      if (!Files.exists(file)) file = recording.resolve("metrics.jsonl");
    }
    if (!Files.exists(file)) {
      throw new IllegalArgumentException("there is no recording of gradient norms at " + file);
    }
    try {
      List<String> lines = Files.readAllLines(file);
      return file.toString().endsWith(".jsonl") ? ofMetrics(file, lines) : ofTable(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(file + " cannot be read: " + e.getMessage(), e));
    }
  }

  private static GradientNorms ofTable(Path file, List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().strip().equals(HEADER)) {
      throw new IllegalArgumentException(
          "%s is no recording of gradient norms: its first line must be %s"
              .formatted(file, HEADER));
    }
    List<double[]> norms = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) continue;
      double[] both = row(lines.get(i));
      if (both == null) {
        throw new IllegalArgumentException(
            "line %d of %s must be a step and two numbers".formatted(i + 1, file));
      }
      norms.add(both);
    }
    return of(norms);
  }

  /** Null if it is no line of a recording. */
  static double @Nullable [] row(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != 3) return null;
    try {
      return new double[] {
        Double.parseDouble(cells[1].strip()), Double.parseDouble(cells[2].strip())
      };
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static GradientNorms ofMetrics(Path file, List<String> lines) {
    List<double[]> norms = new ArrayList<>();
    for (String line : lines) {
      JsonNode l1 = null;
      JsonNode l2 = null;
      try {
        JsonNode node = JSON.readTree(line);
        l1 = node.get(METRIC_L1);
        l2 = node.get(METRIC_L2);
      } catch (JsonProcessingException cut) {
        // the half line of a killed process
      }
      if (l1 != null && l2 != null) norms.add(new double[] {number(l1), number(l2)});
    }
    if (norms.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no %s and %s; record gradient norms in the run to refine from"
              .formatted(file, METRIC_L1, METRIC_L2));
    }
    return of(norms);
  }

  /** Metrics write infinities and NaN as text. */
  private static double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : Double.parseDouble(node.asText());
  }

  private static GradientNorms of(List<double[]> norms) {
    return new GradientNorms(
        norms.stream().mapToDouble(both -> both[0]).toArray(),
        norms.stream().mapToDouble(both -> both[1]).toArray());
  }
}
