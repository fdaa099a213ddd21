package io.otium.app.server.tuning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.training.Jobs;
import io.otium.core.checkpoint.CheckpointInfo;
import io.otium.core.run.RunInfo;
import io.otium.lm.train.FineTuning;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What happened to a job, told from its run's log, metrics and checkpoints. */
final class JobEvents {
  /** An event and its moment, in seconds since 1970. */
  private record Event(double at, ObjectNode json) {}

  private JobEvents() {}

  /** All events, oldest first. */
  static List<ObjectNode> of(RunInfo run) {
    List<Event> events = new ArrayList<>();
    double created = Jobs.order(run).path("created_at").asDouble();
    events.add(message(run, "created", created, "info", "Created fine-tuning job " + Jobs.id(run)));
    double started = run.started().toEpochMilli() / 1000.0;
    int n = 0;
    for (JsonNode line : run.log()) {
      events.add(
          message(
              run,
              "log-" + ++n,
              started + line.path("seconds").asDouble(),
              line.path("level").asText(),
              sentence(line.path("message").asText())));
    }
    for (JsonNode line : run.metrics()) {
      events.add(metrics(run, started + line.path("seconds").asDouble(), line));
    }
    for (CheckpointInfo checkpoint : FineTuning.checkpoints(run.folder())) {
      events.add(
          message(
              run,
              "checkpoint-" + checkpoint.version(),
              Instant.parse(checkpoint.created()).toEpochMilli() / 1000.0,
              "info",
              "Checkpoint created at step " + checkpoint.version()));
    }
    events.sort(Comparator.comparingDouble(Event::at));
    return events.stream().map(Event::json).toList();
  }

  static String id(ObjectNode event) {
    return event.path("id").asText();
  }

  private static Event message(RunInfo run, String id, double at, String level, String text) {
    ObjectNode event = event(run, id, at, level, text);
    event.put("type", "message").putNull("data");
    return new Event(at, event);
  }

  private static Event metrics(RunInfo run, double at, JsonNode line) {
    long step = line.path("step").asLong();
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("step", step).put("total_steps", run.steps());
    boolean evaluated = line.has("held_out_loss");
    if (evaluated) {
      data.set("valid_loss", line.path("held_out_loss"));
    } else {
      data.set("train_loss", line.path("loss"));
      data.set("learning_rate", line.path("learning_rate"));
      data.set("tokens_per_second", line.path("tokens_per_second"));
    }
    String text =
        String.format(
            Locale.ROOT,
            "Step %d/%d: %s loss=%.4f",
            step,
            run.steps(),
            evaluated ? "validation" : "training",
            (evaluated ? line.path("held_out_loss") : line.path("loss")).asDouble());
    ObjectNode event = event(run, (evaluated ? "evaluation-" : "step-") + step, at, "info", text);
    event.put("type", "metrics").set("data", data);
    return new Event(at, event);
  }

  private static ObjectNode event(RunInfo run, String id, double at, String level, String text) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", "ftevent-" + run.id() + "-" + id)
        .put("object", "fine_tuning.job.event")
        .put("created_at", (long) at)
        .put("level", level)
        .put("message", text);
  }

  private static String sentence(String text) {
    return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
