package io.otium.app.console.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.training.Jobs;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A run as the console shows it. */
public record RunView(RunInfo run, List<JsonNode> metrics) {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM, HH:mm", Locale.ROOT);
  private static final Pattern SAMPLE = Pattern.compile("(?m)^step (\\d+): ");
  private static final int SAMPLES = 20;
  private static final int LOG_LINES = 200;

  /** What the model said after a step. */
  public record Sample(long step, String text) {}

  public static RunView of(RunInfo run) {
    return new RunView(run, run.metrics());
  }

  public String id() {
    return run.id();
  }

  /** The run's state in one word, as a person says it. */
  public String state() {
    return run.isEnding() ? "ending" : run.state().word();
  }

  /** Whether it changes by itself. */
  public boolean isLive() {
    return run.state() == RunState.RUNNING || run.isWaiting();
  }

  public boolean canCancel() {
    return run.state() == RunState.QUEUED || run.state() == RunState.RUNNING && !run.isEnding();
  }

  public boolean canResume() {
    return run.verb().equals("train") && run.state().isBroken() && !run.isWaiting();
  }

  /** Whether there is a model to talk to. */
  public boolean hasModel() {
    return Files.isDirectory(run.folder().resolve("artifacts").resolve("model"));
  }

  /** What requests call its model. */
  public String modelName() {
    return Jobs.order(run).path("fine_tuned_model").asText("run:" + run.id());
  }

  public long step() {
    return metrics.isEmpty() ? 0 : metrics.getLast().path("step").asLong();
  }

  /** 0 to 100; below 0 where nobody can say. */
  public int percent() {
    return run.steps() == 0 ? -1 : (int) Math.min(100, step() * 100 / run.steps());
  }

  /** What is trained, or what was asked else. */
  public String subject() {
    JsonNode order = Jobs.order(run);
    String model =
        order.path("model").asText(run.description().path("options").path("model").asText(""));
    String name = model.substring(model.lastIndexOf('/') + 1);
    return name.isEmpty() ? run.verb() : name;
  }

  /** The name of its data file; empty if it has none. */
  public String data() {
    String data = run.description().path("options").path("data").asText("");
    return data.substring(data.lastIndexOf('/') + 1);
  }

  public String error() {
    return run.description().path("error").asText("");
  }

  /** The moving mean of the loss; empty before the first step. */
  public String loss() {
    List<Double> smooth = Curve.of(metrics, "loss").smooth();
    return smooth.isEmpty() ? "" : String.format(Locale.ROOT, "%.3f", smooth.getLast());
  }

  public String started() {
    return DAY.withZone(ZoneId.systemDefault()).format(run.started());
  }

  public String duration() {
    return run.state() == RunState.QUEUED && metrics.isEmpty() ? "" : time(run.seconds());
  }

  /** What is known of its progress, in words. */
  public String progress() {
    if (run.state() == RunState.QUEUED) return "waits for its turn";
    if (run.steps() == 0) return isLive() ? "reading model and data" : "";
    String steps = String.format(Locale.ROOT, "step %,d of %,d", step(), run.steps());
    double left = secondsLeft();
    return left < 0 ? steps : steps + " · " + time(left) + " left";
  }

  private double secondsLeft() {
    if (run.state() != RunState.RUNNING || metrics.size() < 3) return -1;
    JsonNode from = metrics.get(Math.max(0, metrics.size() - 20));
    JsonNode last = metrics.getLast();
    double steps = last.path("step").asDouble() - from.path("step").asDouble();
    if (steps <= 0) return -1;
    double each = (last.path("seconds").asDouble() - from.path("seconds").asDouble()) / steps;
    return each * (run.steps() - step());
  }

  /** Figures of its last steps, label to value. */
  public Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    for (JsonNode line : metrics.subList(Math.max(0, metrics.size() - 5), metrics.size())) {
      put(figures, line, "tokens_per_second", "Speed", "%,.0f tokens/s");
      put(figures, line, "learning_rate", "Learning rate", "%.2g");
      put(figures, line, "gradient_norm", "Gradient norm", "%.3f");
    }
    for (JsonNode line : metrics) put(figures, line, "held_out_loss", "Held-out loss", "%.3f");
    return figures;
  }

  private static void put(
      Map<String, String> figures, JsonNode line, String metric, String label, String format) {
    if (line.path(metric).isNumber()) {
      figures.put(label, String.format(Locale.ROOT, format, line.path(metric).asDouble()));
    }
  }

  /** Every option that was resolved, name to value. */
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : run.description().path("options").properties()) {
      JsonNode value = entry.getValue();
      if (!value.isNull()) {
        options.put(entry.getKey(), value.isContainerNode() ? value.toString() : value.asText());
      }
    }
    return options;
  }

  /** The options in which it differs from others of a list, and their values. */
  public String differing(List<RunView> others) {
    List<String> parts = new ArrayList<>();
    options()
        .forEach(
            (name, value) -> {
              if (others.stream().anyMatch(other -> !value.equals(other.options().get(name)))) {
                String shown = name.equals("data") ? data() : value;
                parts.add(name.replace('_', ' ') + " " + shown);
              }
            });
    return String.join(", ", parts);
  }

  /** What the model answered as it learnt, newest first. */
  public List<Sample> samples() {
    String text;
    try {
      text = Files.readString(run.folder().resolve("artifacts").resolve("samples.txt"));
    } catch (IOException none) {
      return List.of();
    }
    List<Sample> samples = new ArrayList<>();
    Matcher head = SAMPLE.matcher(text);
    int from = -1;
    long step = 0;
    while (head.find()) {
      if (from >= 0) samples.addFirst(new Sample(step, text.substring(from, head.start()).strip()));
      step = Long.parseLong(head.group(1));
      from = head.end();
    }
    if (from >= 0) samples.addFirst(new Sample(step, text.substring(from).strip()));
    return samples.subList(0, Math.min(SAMPLES, samples.size()));
  }

  /** The prompt of the samples. */
  public String samplePrompt() {
    return run.description().path("options").path("sample_prompt").asText("");
  }

  /** The log's last lines: moment and message. */
  public List<LogLine> log() {
    List<LogLine> lines = new ArrayList<>();
    for (JsonNode line : run.log()) {
      lines.add(
          new LogLine(
              time(line.path("seconds").asDouble()),
              line.path("level").asText(),
              line.path("message").asText()));
    }
    return lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
  }

  /** A line of the log. */
  public record LogLine(String at, String level, String message) {}

  /** What a process that failed said on its streams last; empty if nothing. */
  public String output() {
    if (run.state() != RunState.FAILED) return "";
    Path file = run.folder().resolve("process.log");
    try {
      String text = Files.readString(file).strip();
      return text.substring(Math.max(0, text.length() - 4000));
    } catch (IOException none) {
      return "";
    }
  }

  private static String time(double seconds) {
    long s = Math.round(seconds);
    if (s < 100) return s + " s";
    return s < 6000 ? s / 60 + " min" : s / 3600 + " h " + s / 60 % 60 + " min";
  }
}
