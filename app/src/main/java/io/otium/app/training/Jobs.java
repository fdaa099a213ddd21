package io.otium.app.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import io.otium.lm.hub.KnownModels;
import io.otium.lm.hub.ModelRef;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.hub.PullException;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tuning jobs: training runs on uploaded files, whose {@code run.json} has under {@code job}
 * what was asked in the API's words.
 */
public final class Jobs {
  /** The part of a run's description that makes it a job. */
  static final String JOB = "job";

  static final String MODEL = "model";
  static final String TUNED = "fine_tuned_model";

  private static final String CREATED = "created_at";
  private static final String TRAINING_FILE = "training_file";
  private static final String VALIDATION_FILE = "validation_file";
  private static final String PREFIX = "ftjob-";

  /** A file in a run's folder: it was not given up, but paused. */
  private static final String PAUSED = "paused";

  private static final Set<RunState> UNFINISHED =
      Set.of(RunState.QUEUED, RunState.RUNNING, RunState.INTERRUPTED);

  private final TrainingQueue queue;
  private final FileStore files;
  private final Models models;
  private final Function<String, Optional<String>> served;

  /**
   * @param served a served model's name → what it was loaded by
   */
  public Jobs(
      TrainingQueue queue,
      FileStore files,
      Models models,
      Function<String, Optional<String>> served) {
    this.queue = queue;
    this.files = files;
    this.models = models;
    this.served = served;
  }

  /**
   * What a job is asked for, beside its recipe.
   *
   * @param model the model to begin with, by a name of the API
   * @param suffix a part of the new model's name; empty for none
   * @param multiplier of the recipe's usual learning rate
   * @param metadata the caller's own
   */
  public record Order(
      String model,
      String suffix,
      StoredFile training,
      @Nullable StoredFile validation,
      double multiplier,
      Map<String, String> metadata) {}

  /** Puts a job at the queue's end; the recipe's model and files are the order's. */
  public RunInfo add(Order order, Recipe recipe) {
    ObjectNode changes = JsonNodeFactory.instance.objectNode();
    changes.put("model", served.apply(order.model()).orElse(order.model()));
    changes.put("data", order.training().path().toString());
    StoredFile validation = order.validation();
    if (validation != null) changes.put("validation", validation.path().toString());
    ObjectNode options = Recipe.OPTIONS.toJson(recipe);
    options.setAll(changes);
    Recipe whole = Recipe.OPTIONS.fromJson(options);
    return queue.add(
        whole,
        run -> {
          ObjectNode job = JsonNodeFactory.instance.objectNode();
          job.put(CREATED, Instant.now().getEpochSecond());
          job.put(MODEL, order.model());
          job.put("suffix", order.suffix());
          job.put(TRAINING_FILE, order.training().id());
          job.put(VALIDATION_FILE, validation == null ? null : validation.id());
          job.put("learning_rate_multiplier", order.multiplier());
          job.put(TUNED, TunedModels.name(order.model(), order.suffix(), run));
          ObjectNode metadata = job.putObject("metadata");
          order.metadata().forEach(metadata::put);
          return Map.of(JOB, job);
        });
  }

  /** Whether there is such a model to begin with: served, installed, well-known or by reference. */
  public boolean canBegin(String model) {
    if (served.apply(model).isPresent()) return true;
    try {
      return switch (ModelRef.parse(model)) {
        case ModelRef.Named(String name) ->
            KnownModels.find(name).isPresent() || models.find(name).isPresent();
        // What lies on this machine is for its owner to serve first.
        case ModelRef.LocalFile _ -> false;
        default -> true;
      };
    } catch (PullException unreadable) {
      return false;
    }
  }

  /** Where a model lies that is served or installed; empty if it would have to be fetched. */
  public Optional<Path> locate(String model) {
    String reference = served.apply(model).orElse(model);
    boolean here =
        served.apply(model).isPresent() || canBegin(model) && models.find(reference).isPresent();
    return here ? Optional.of(models.resolve(reference, ProgressListener.NONE)) : Optional.empty();
  }

  /** Takes a job out of the queue, or has it end at its next safe place. */
  public void cancel(RunInfo run) {
    queue.runs().cancel(run.id());
  }

  /** As {@link #cancel}, but its status says that somebody means to go on. */
  public void pause(RunInfo run) {
    try {
      Files.writeString(run.folder().resolve(PAUSED), "");
    } catch (IOException e) {
      throw new UncheckedIOException(run.folder() + " cannot be written: " + e.getMessage(), e);
    }
    cancel(run);
  }

  public static boolean isPaused(RunInfo run) {
    return Files.exists(run.folder().resolve(PAUSED));
  }

  /**
   * Puts a job at the queue's end that was paused, cancelled or failed.
   *
   * @throws IllegalArgumentException if it was not
   */
  public void resume(RunInfo run) {
    queue.resume(run.id());
    try {
      Files.deleteIfExists(run.folder().resolve(PAUSED));
    } catch (IOException e) {
      throw new UncheckedIOException(run.folder() + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** All jobs, newest first. */
  public List<RunInfo> list() {
    // resuming moves a run's start, not its creation; of one second, ids tell the order
    return queue.runs().list().stream()
        .filter(Jobs::isJob)
        .sorted(
            Comparator.comparingLong((RunInfo run) -> order(run).path(CREATED).asLong())
                .thenComparingInt(run -> run.id().length())
                .thenComparing(RunInfo::id)
                .reversed())
        .toList();
  }

  /** A job by its id, {@code ftjob-RUN}. */
  public Optional<RunInfo> find(String id) {
    if (!id.startsWith(PREFIX)) return Optional.empty();
    try {
      return Optional.of(queue.runs().show(id.substring(PREFIX.length()))).filter(Jobs::isJob);
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  public static boolean isJob(RunInfo run) {
    return run.description().path(JOB).isObject();
  }

  public static String id(RunInfo run) {
    return PREFIX + run.id();
  }

  /** What was asked, in the API's words. */
  public static JsonNode order(RunInfo run) {
    return run.description().path(JOB);
  }

  /** A job that has not ended and reads this file. */
  public Optional<RunInfo> using(String file) {
    return list().stream()
        .filter(run -> UNFINISHED.contains(run.state()))
        .filter(
            run ->
                order(run).path(TRAINING_FILE).asText().equals(file)
                    || order(run).path(VALIDATION_FILE).asText().equals(file))
        .findFirst();
  }

  public TrainingQueue queue() {
    return queue;
  }

  public FileStore files() {
    return files;
  }
}
