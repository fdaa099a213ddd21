package io.otium.app.server.tuning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.training.Jobs;
import io.otium.core.checkpoint.CheckpointInfo;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import java.time.Instant;
import java.util.List;

/** A job as OpenAI's API shows it, and its checkpoints. */
final class JobJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JobJson() {}

  /** Where a job stands, in OpenAI's words. */
  static String status(RunInfo run) {
    return switch (run.state()) {
      // What was interrupted goes on by itself when its turn comes.
      case QUEUED, INTERRUPTED -> "queued";
      case RUNNING ->
          run.isEnding() ? stopped(run) : run.steps() == 0 ? "validating_files" : "running";
      case DONE -> "succeeded";
      case FAILED -> "failed";
      case CANCELLED -> stopped(run);
    };
  }

  private static String stopped(RunInfo run) {
    return Jobs.isPaused(run) ? "paused" : "cancelled";
  }

  /** Whether it will not go on by itself. */
  static boolean hasEnded(RunInfo run) {
    return run.state() == RunState.DONE
        || run.state() == RunState.FAILED
        || run.state() == RunState.CANCELLED;
  }

  static ObjectNode describe(RunInfo run) {
    JsonNode order = Jobs.order(run);
    JsonNode recipe = run.description().path("options");
    List<JsonNode> steps = run.metrics().stream().filter(line -> line.has("loss")).toList();
    boolean done = run.state() == RunState.DONE;
    ObjectNode job = JSON.objectNode();
    job.put("id", Jobs.id(run)).put("object", "fine_tuning.job");
    job.put("created_at", order.path("created_at").asLong());
    job.set("model", order.path("model"));
    job.put("status", status(run));
    putTime(job, "finished_at", hasEnded(run) ? run.seconds() : -1, run);
    putTime(job, "estimated_finish", untilDone(run, steps), run);
    job.set("fine_tuned_model", done ? order.path("fine_tuned_model") : JSON.nullNode());
    job.put("organization_id", "otium");
    job.putArray("result_files");
    job.set("training_file", order.path("training_file"));
    job.set("validation_file", order.path("validation_file"));
    ObjectNode hyperparameters = JSON.objectNode();
    hyperparameters.set("n_epochs", recipe.path("epochs"));
    hyperparameters.set("batch_size", recipe.path("batch_rows"));
    hyperparameters.set("learning_rate_multiplier", order.path("learning_rate_multiplier"));
    job.set("hyperparameters", hyperparameters);
    job.putObject("method")
        .put("type", "supervised")
        .putObject("supervised")
        .set("hyperparameters", hyperparameters.deepCopy());
    if (done) {
      job.put("trained_tokens", steps.stream().mapToLong(s -> s.path("tokens").asLong()).sum());
    } else {
      job.putNull("trained_tokens");
    }
    putError(job, run);
    job.set("seed", run.description().path("seed"));
    job.putArray("integrations");
    job.set("metadata", order.path("metadata"));
    String suffix = order.path("suffix").asText();
    job.put("user_provided_suffix", suffix.isEmpty() ? null : suffix);
    ObjectNode own = job.putObject("otium");
    own.put("run", run.id()).put("step", steps.isEmpty() ? 0 : step(steps.getLast()));
    own.put("steps", run.steps());
    own.set("recipe", recipe);
    return job;
  }

  /** Seconds after the run's start at which it is through; below 0 where nobody can say. */
  private static double untilDone(RunInfo run, List<JsonNode> steps) {
    if (run.state() != RunState.RUNNING || run.isEnding() || steps.size() < 2) return -1;
    JsonNode first = steps.get(Math.max(0, steps.size() - 20));
    JsonNode last = steps.getLast();
    double each =
        (last.path("seconds").asDouble() - first.path("seconds").asDouble())
            / Math.max(1, step(last) - step(first));
    return last.path("seconds").asDouble() + each * (run.steps() - step(last));
  }

  private static long step(JsonNode line) {
    return line.path("step").asLong();
  }

  private static void putTime(ObjectNode job, String name, double seconds, RunInfo run) {
    if (seconds < 0) {
      job.putNull(name);
    } else {
      job.put(name, run.started().getEpochSecond() + Math.round(seconds));
    }
  }

  private static void putError(ObjectNode job, RunInfo run) {
    if (run.state() != RunState.FAILED) {
      job.putNull("error");
      return;
    }
    // Before its updates are counted, a job does nothing but read files.
    boolean files = run.steps() == 0;
    job.putObject("error")
        .put("code", files ? "invalid_training_file" : "training_failed")
        .put("message", run.description().path("error").asText())
        .put("param", files ? "training_file" : null);
  }

  static String id(CheckpointInfo checkpoint, RunInfo run) {
    return "ftckpt-%s-%d".formatted(run.id(), checkpoint.version());
  }

  static ObjectNode describe(CheckpointInfo checkpoint, RunInfo run) {
    long step = checkpoint.version();
    String name = Jobs.order(run).path("fine_tuned_model").asText();
    ObjectNode metrics = JSON.objectNode().put("step", step);
    for (JsonNode line : run.metrics()) {
      if (step(line) > step) break;
      if (step(line) == step && line.has("loss")) metrics.set("train_loss", line.path("loss"));
      if (line.has("held_out_loss")) metrics.set("valid_loss", line.path("held_out_loss"));
    }
    ObjectNode json = JSON.objectNode();
    json.put("id", id(checkpoint, run)).put("object", "fine_tuning.job.checkpoint");
    json.put("created_at", Instant.parse(checkpoint.created()).getEpochSecond());
    json.put(
        "fine_tuned_model_checkpoint",
        run.state() == RunState.DONE && step == run.steps() ? name : name + ":ckpt-step-" + step);
    json.put("fine_tuning_job_id", Jobs.id(run)).put("step_number", step);
    json.set("metrics", metrics);
    return json;
  }
}
