package io.otium.app.server.tuning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.otium.app.server.ApiException;
import io.otium.app.server.Client;
import io.otium.app.server.ClientGoneException;
import io.otium.app.server.EventStream;
import io.otium.app.server.Json;
import io.otium.app.server.Quote;
import io.otium.app.server.ServerContext;
import io.otium.app.server.request.JobRequest;
import io.otium.app.server.request.JobRequestDecoder;
import io.otium.app.training.Jobs;
import io.otium.app.training.StoredFile;
import io.otium.core.options.OptionException;
import io.otium.core.run.RunInfo;
import io.otium.lm.ModelInfo;
import io.otium.lm.train.FineTuning;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /v1/fine_tuning/jobs}. */
final class JobRoutes {
  /** How often a job is looked at for whoever watches its events. */
  private static final long LOOK_MILLIS = 250;

  private final Jobs jobs;
  private final ServerContext server;

  JobRoutes(Jobs jobs, ServerContext server) {
    this.jobs = jobs;
    this.server = server;
  }

  void register(RoutesConfig routes) {
    String root = "/v1/fine_tuning/jobs";
    routes.post(root, this::create);
    routes.get(root, this::list);
    routes.get(root + "/{id}", ctx -> Json.answer(ctx, JobJson.describe(job(ctx))));
    routes.post(root + "/{id}/cancel", ctx -> stop(ctx, false));
    routes.post(root + "/{id}/pause", ctx -> stop(ctx, true));
    routes.post(root + "/{id}/resume", this::resume);
    routes.get(root + "/{id}/events", this::events);
    routes.get(root + "/{id}/checkpoints", this::checkpoints);
  }

  private void create(Context ctx) throws IOException {
    JobRequest request = JobRequestDecoder.decode(Json.body(ctx, server.options().maxBodyBytes()));
    if (server.traffic().isStopping()) throw ApiException.stopping();
    StoredFile training = file("training_file", request.trainingFile());
    String evaluated = request.validationFile();
    StoredFile validation = evaluated == null ? null : file("validation_file", evaluated);
    requireModel(request.model());
    Recipe recipe = JobRecipe.of(request, context(request.model()), validation != null);
    Double multiplier = request.multiplier();
    double relative =
        multiplier == null
            ? recipe.learningRate() / Recipe.DEFAULTS.learningRate()
            : multiplier.doubleValue();
    var order =
        new Jobs.Order(
            request.model(), request.suffix(), training, validation, relative, request.metadata());
    try {
      Json.answer(ctx, JobJson.describe(jobs.add(order, recipe)));
    } catch (OptionException refused) {
      throw ApiException.invalid(refused.key(), String.valueOf(refused.getMessage()));
    }
  }

  private StoredFile file(String param, String id) {
    return jobs.files()
        .find(id)
        .orElseThrow(
            () ->
                new ApiException(
                    400,
                    "invalid_request_error",
                    param,
                    "file_not_found",
                    "%s is '%s', and there is no such file; /v1/files lists those there are"
                        .formatted(param, Quote.of(id))));
  }

  private void requireModel(String name) {
    if (!jobs.canBegin(name)) {
      throw new ApiException(
          400,
          "invalid_request_error",
          "model",
          "model_not_found",
          "the model '%s' is neither served nor installed here, and is no well-known one"
              .formatted(Quote.of(name)));
    }
  }

  /** Most tokens that a served model reads. */
  private @Nullable Integer context(String name) {
    return server.models().infos().stream()
        .filter(info -> info.id().equals(name))
        .map(ModelInfo::context)
        .findFirst()
        .orElse(null);
  }

  private void list(Context ctx) {
    Json.answer(ctx, Page.of(ctx, 20, 100).list(jobs.list(), Jobs::id, JobJson::describe));
  }

  private void stop(Context ctx, boolean pause) {
    RunInfo run = job(ctx);
    if (JobJson.hasEnded(run)) {
      throw ApiException.invalid(
          null, "the job %s is %s already".formatted(Jobs.id(run), JobJson.status(run)));
    }
    if (pause) {
      jobs.pause(run);
    } else {
      jobs.cancel(run);
    }
    Json.answer(ctx, JobJson.describe(job(ctx)));
  }

  private void resume(Context ctx) {
    RunInfo run = job(ctx);
    try {
      jobs.resume(run);
    } catch (IllegalArgumentException refused) {
      throw ApiException.invalid(
          null,
          "the job %s is %s; only one that was paused, cancelled or failed can be resumed"
              .formatted(Jobs.id(run), JobJson.status(run)));
    }
    Json.answer(ctx, JobJson.describe(job(ctx)));
  }

  private void events(Context ctx) {
    RunInfo run = job(ctx);
    if ("true".equals(ctx.queryParam("stream"))) {
      watch(ctx, run);
      return;
    }
    List<ObjectNode> newestFirst = JobEvents.of(run).reversed();
    Json.answer(ctx, Page.of(ctx, 20, 100).list(newestFirst, JobEvents::id, event -> event));
  }

  /** Every event, as it comes, until the job has ended. */
  private void watch(Context ctx, RunInfo asked) {
    Client client = Client.of(ctx);
    var stream = new EventStream(ctx);
    Set<String> sent = new HashSet<>();
    while (true) {
      RunInfo run = jobs.find(Jobs.id(asked)).orElseThrow(ClientGoneException::new);
      boolean last = JobJson.hasEnded(run);
      for (ObjectNode event : JobEvents.of(run)) {
        if (sent.add(JobEvents.id(event))) stream.send(event);
      }
      if (last) break;
      stream.flush();
      if (client.isGone() || server.traffic().isStopping()) throw new ClientGoneException();
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        throw new ClientGoneException();
      }
    }
    stream.done();
    stream.close();
  }

  private void checkpoints(Context ctx) {
    RunInfo run = job(ctx);
    var newestFirst = FineTuning.checkpoints(run.folder()).reversed();
    Json.answer(
        ctx,
        Page.of(ctx, 10, 100)
            .list(
                newestFirst,
                checkpoint -> JobJson.id(checkpoint, run),
                checkpoint -> JobJson.describe(checkpoint, run)));
  }

  private RunInfo job(Context ctx) {
    String id = ctx.pathParam("id");
    return jobs.find(id)
        .orElseThrow(
            () ->
                new ApiException(
                    404,
                    "invalid_request_error",
                    "fine_tuning_job_id",
                    "fine_tuning_job_not_found",
                    "there is no fine-tuning job '" + Quote.of(id) + "'"));
  }
}
