package io.otium.papers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.run.Run;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import io.otium.core.run.Runs;
import io.otium.papers.Experiment.Arm;
import io.otium.papers.Experiment.Claim;
import io.otium.papers.Experiment.Outcome;
import io.otium.papers.Experiment.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An experiment run and kept: {@code result.json} with every number, a figure as PNG and SVG, in a
 * run folder.
 *
 * @param seconds how long it took
 * @param run id of its run
 */
public record Reproduction(
    String id, int seeds, boolean quick, Outcome outcome, double seconds, String run) {

  private static final String VERB = "reproduce";
  private static final String RESULT = "result.json";

  /**
   * Runs an experiment in a run folder of its own. A failure is written there too, and thrown on.
   */
  public static Reproduction of(Experiment experiment, int seeds, boolean quick, Runs runs) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    options.put("experiment", experiment.id()).put("seeds", seeds).put("quick", quick);
    try (Run run = runs.start(VERB, options, 0)) {
      try {
        Outcome outcome = experiment.run(new Setting(seeds, quick, run));
        Reproduction result =
            new Reproduction(experiment.id(), seeds, quick, outcome, run.seconds(), run.id());
        FigureFiles.write(outcome, run.artifact("figure"));
        run.keep(RESULT, result.toJson());
        run.done();
        return result;
      } catch (RuntimeException e) {
        run.failed(e);
        throw e;
      }
    }
  }

  /** Whether every claim holds. */
  public boolean holds() {
    return outcome.holds();
  }

  /**
   * What {@code reproduce ID --json} prints and {@code result.json} holds: {@code {id, seeds,
   * quick, claims: [{name, published, measured, threshold, holds}], arms: [{name, metrics}], holds,
   * seconds, run}}.
   */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", id).put("seeds", seeds).put("quick", quick);
    ArrayNode claims = json.putArray("claims");
    for (Claim claim : outcome.claims()) {
      ObjectNode row = claims.addObject();
      row.put("name", claim.name()).put("published", claim.published());
      putNumber(row, "measured", claim.measured());
      row.put("threshold", claim.threshold()).put("holds", claim.holds());
    }
    ArrayNode arms = json.putArray("arms");
    for (Arm arm : outcome.arms()) {
      ObjectNode metrics = arms.addObject().put("name", arm.name()).putObject("metrics");
      arm.metrics().forEach((name, value) -> putNumber(metrics, name, value));
    }
    return json.put("holds", holds()).put("seconds", seconds).put("run", run);
  }

  /** The result for a terminal: a row for each arm, a line for each claim, the verdict. */
  public String table() {
    List<String> metrics = new ArrayList<>(outcome.arms().getFirst().metrics().keySet());
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("arm"));
    head.addAll(metrics);
    rows.add(head);
    for (Arm arm : outcome.arms()) {
      List<String> row = new ArrayList<>(List.of(arm.name()));
      metrics.forEach(name -> row.add(shown(arm.metrics().getOrDefault(name, Double.NaN))));
      rows.add(row);
    }
    StringBuilder text = new StringBuilder(aligned(rows));
    for (Claim claim : outcome.claims()) {
      text.append(claim.holds() ? "holds: " : "fails: ").append(claim.name());
      text.append(": ").append(shown(claim.measured()));
      text.append(" (").append(claim.threshold()).append("; published: ");
      text.append(claim.published()).append(")\n");
    }
    return text.append(holds() ? "The claims hold.\n" : "Not every claim holds.\n").toString();
  }

  /** The newest result of each experiment, by its id; broken result files are left out. */
  static Map<String, JsonNode> latestResults(Runs runs) {
    Map<String, JsonNode> latest = new HashMap<>();
    ObjectMapper mapper = new ObjectMapper();
    for (RunInfo run : runs.list()) {
      Path file = run.folder().resolve(RESULT);
      if (run.verb().equals(VERB) && run.state() == RunState.DONE && Files.exists(file)) {
        try {
          JsonNode result = mapper.readTree(Files.readString(file));
          latest.putIfAbsent(result.path("id").asText(), result);
        } catch (IOException unreadable) {
          // A run whose folder was damaged tells nothing; the others still do.
        }
      }
    }
    return latest;
  }

  /** The measured numbers of a result in one line: {@code name 0.0012; other 3}. */
  static String measured(JsonNode result) {
    List<String> parts = new ArrayList<>();
    for (JsonNode claim : result.path("claims")) {
      parts.add(claim.path("name").asText() + " " + shown(claim.path("measured").asDouble()));
    }
    return String.join("; ", parts);
  }

  private static void putNumber(ObjectNode node, String name, double value) {
    // JSON has no NaN; null is what a number that could not be measured becomes.
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }

  private static String shown(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(value);
    if (size >= 10 && value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value); // a count
    }
    String format = size >= 1000 ? "%.0f" : size >= 1 || size == 0 ? "%.3f" : "%.3g";
    return String.format(Locale.ROOT, format, value);
  }

  private static String aligned(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        int at = column;
        int width = rows.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
        String pad = " ".repeat(width - row.get(column).length());
        text.append(column == 0 ? row.get(column) + pad : "  " + pad + row.get(column));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
