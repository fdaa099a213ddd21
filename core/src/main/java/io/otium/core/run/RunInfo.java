package io.otium.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run as its folder tells it, by whichever process it was made.
 *
 * @param seconds how long it took, or takes so far
 * @param description all of {@code run.json}: options, seed, versions, machine, error
 */
public record RunInfo(
    String id,
    String verb,
    RunState state,
    Instant started,
    double seconds,
    Path folder,
    ObjectNode description) {

  /** Every whole line of {@code metrics.jsonl}, in order. */
  public List<JsonNode> metrics() {
    return RunFiles.readLines(folder.resolve("metrics.jsonl"));
  }

  /** Every line of the run's log, in order: {@code seconds}, {@code level}, {@code message}. */
  public List<JsonNode> log() {
    return RunFiles.readLines(folder.resolve(Runs.LOG));
  }

  /** When it was last put into the queue; empty for one that was started in a terminal. */
  public Optional<Instant> queued() {
    return Optional.ofNullable(description.get(Runs.QUEUED)).map(at -> Instant.parse(at.asText()));
  }

  /** Whether it is in the queue, also where it was interrupted after its turn had come. */
  public boolean isWaiting() {
    return state == RunState.QUEUED || state == RunState.INTERRUPTED && queued().isPresent();
  }

  /** Whether somebody asked for its end and it has not ended yet. */
  public boolean isEnding() {
    return state == RunState.RUNNING && Files.exists(folder.resolve(Runs.CANCEL));
  }

  /** Updates of the whole run; 0 while they are not known. */
  public long steps() {
    return description.path(Run.STEPS).asLong();
  }

  /** The last value of each metric. */
  public Map<String, JsonNode> lastMetrics() {
    Map<String, JsonNode> last = new LinkedHashMap<>();
    for (JsonNode line : metrics()) {
      for (Map.Entry<String, JsonNode> entry : line.properties()) {
        last.put(entry.getKey(), entry.getValue());
      }
    }
    return last;
  }

  /** As {@code runs --json} prints it: {@code id, verb, state, started, seconds, metrics}. */
  public ObjectNode toJson() {
    ObjectNode json = RunFiles.MAPPER.createObjectNode();
    json.put("id", id);
    json.put("verb", verb);
    json.put("state", state.word());
    json.put("started", started.toString());
    json.put("seconds", seconds);
    json.set("metrics", RunFiles.MAPPER.valueToTree(lastMetrics()));
    return json;
  }
}
