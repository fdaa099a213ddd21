package io.otium.app.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ModelNames;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import io.otium.core.run.Runs;
import io.otium.lm.hub.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What training runs made: {@code run:ID}, and the {@code ft:} names of the API's jobs. */
public final class TunedModels implements ModelNames {
  /** Begins the names of models that were fine-tuned by a job. */
  public static final String PREFIX = "ft:";

  private final Runs runs;

  public TunedModels(Runs runs) {
    this.runs = runs;
  }

  /**
   * The name of what a job will make: {@code ft:BASE:SUFFIX:ID}.
   *
   * @param base the model that it begins with, by any name
   * @param suffix may be empty
   */
  public static String name(String base, String suffix, String run) {
    String origin = base.startsWith(PREFIX) ? base.split(":")[1] : base;
    String shortName =
        origin.substring(Math.max(origin.lastIndexOf('/'), origin.lastIndexOf(':')) + 1);
    // The run's stamp without its verb: unique here, and short.
    return PREFIX + shortName + ":" + suffix + ":" + run.replaceAll("[^0-9]", "");
  }

  @Override
  public Optional<String> reference(String name) {
    if (name.startsWith(Models.RUN)) {
      return exists(name.substring(Models.RUN.length())) ? Optional.of(name) : Optional.empty();
    }
    if (!name.startsWith(PREFIX)) return Optional.empty();
    return all().stream()
        .filter(model -> model.name().equals(name))
        .map(Named::reference)
        .findFirst();
  }

  private boolean exists(String id) {
    return id.matches("[a-z0-9-]+") && Files.isDirectory(made(runs.root().resolve(id)));
  }

  @Override
  public List<Named> all() {
    return runs.list().stream()
        .filter(run -> run.state() == RunState.DONE && Files.isDirectory(made(run.folder())))
        .map(TunedModels::named)
        .toList();
  }

  /** By the name that a job gave it, or by its run's. */
  private static Named named(RunInfo run) {
    String reference = Models.RUN + run.id();
    JsonNode job = Jobs.order(run);
    String base = run.description().path("options").path(Jobs.MODEL).asText();
    return new Named(
        job.path(Jobs.TUNED).asText(reference),
        reference,
        job.path(Jobs.MODEL).asText(base),
        run.started().getEpochSecond() + (long) run.seconds());
  }

  @Override
  public boolean delete(String name) {
    Optional<String> reference = reference(name);
    reference.ifPresent(
        found -> Trees.delete(made(runs.show(found.substring(Models.RUN.length())).folder())));
    return reference.isPresent();
  }

  private static Path made(Path folder) {
    return folder.resolve("artifacts").resolve("model");
  }
}
