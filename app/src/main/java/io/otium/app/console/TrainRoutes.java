package io.otium.app.console;

import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import io.otium.app.console.chat.Figures;
import io.otium.app.console.train.Preview;
import io.otium.app.console.train.RecipeForm;
import io.otium.app.training.FileStore;
import io.otium.app.training.Jobs;
import io.otium.app.training.StoredFile;
import io.otium.core.run.RunInfo;
import io.otium.lm.hub.PullException;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The page on which training begins: model, file, what will be learnt of it, and the recipe. */
final class TrainRoutes {
  private final Jobs jobs;
  private final ConsoleModels models;
  private final Views views;
  private final long most;

  /**
   * @param most bytes of an uploaded file
   */
  TrainRoutes(Jobs jobs, ConsoleModels models, Views views, long most) {
    this.jobs = jobs;
    this.models = models;
    this.views = views;
    this.most = most;
  }

  void register(GuardedRoutes routes) {
    routes.get("/train", this::page);
    routes.post("/train", this::start);
    routes.post("/train/files", this::upload);
    routes.post("/train/preview", this::preview);
  }

  private void page(Context ctx) {
    Map<String, Object> parameters = new HashMap<>(files(ctx.queryParam("file")));
    parameters.put("shell", views.shell("Train", Shell.Section.TRAIN, ""));
    parameters.put("models", models.installed().stream().map(InstalledModel::id).toList());
    parameters.put("form", RecipeForm.empty());
    views.show(ctx, "train", parameters);
  }

  private Map<String, Object> files(@Nullable String chosen) {
    List<StoredFile> all = jobs.files().list();
    String id = chosen != null ? chosen : all.isEmpty() ? "" : all.getFirst().id();
    return Map.of("files", all, "chosen", id);
  }

  private void upload(Context ctx) throws IOException {
    if (ctx.req().getContentLengthLong() > most) {
      throw new IllegalArgumentException(
          "The file is larger than the %s that this server takes".formatted(Figures.bytes(most)));
    }
    UploadedFile file = ctx.uploadedFile("file");
    if (file == null) throw new IllegalArgumentException("Choose a file first");
    StoredFile kept =
        jobs.files()
            .add(
                file.filename(),
                FileStore.FINE_TUNE,
                path -> {
                  try (InputStream content = file.content()) {
                    Files.copy(content, path);
                  }
                });
    views.show(ctx, "dataFiles", files(kept.id()));
  }

  private void preview(Context ctx) throws IOException {
    Map<String, Object> parameters = new HashMap<>();
    try {
      StoredFile file = file(ctx);
      Recipe recipe = RecipeForm.read(parameters(ctx), Map.of());
      var model = jobs.locate(param(ctx, "model"));
      if (model.isEmpty()) {
        parameters.put("problem", "What will be learnt is shown once the model is installed.");
      } else {
        parameters.put("preview", Preview.of(file.path(), recipe, model.get()));
      }
    } catch (IllegalArgumentException | PullException refused) {
      parameters.put("problem", String.valueOf(refused.getMessage()));
    }
    views.show(ctx, "preview", parameters);
  }

  private void start(Context ctx) {
    StoredFile file = file(ctx);
    String evaluated = param(ctx, "validation");
    Optional<StoredFile> validation =
        evaluated.isEmpty() ? Optional.empty() : jobs.files().find(evaluated);
    Map<String, String> fixed = new LinkedHashMap<>();
    validation.ifPresent(other -> fixed.put("validation", other.path().toString()));
    Recipe recipe = RecipeForm.read(parameters(ctx), fixed);
    String suffix = param(ctx, "suffix").strip();
    if (!suffix.matches("[A-Za-z0-9._-]{0,64}")) {
      throw new IllegalArgumentException(
          "The model's name takes up to 64 letters, digits, dots, dashes and underscores");
    }
    double multiplier = recipe.learningRate() / Recipe.DEFAULTS.learningRate();
    RunInfo run =
        jobs.add(
            new Jobs.Order(
                param(ctx, "model"), suffix, file, validation.orElse(null), multiplier, Map.of()),
            recipe);
    ctx.header("HX-Redirect", "/runs/" + run.id()).status(204);
  }

  private StoredFile file(Context ctx) {
    return jobs.files()
        .find(param(ctx, "file"))
        .orElseThrow(() -> new IllegalArgumentException("Choose a file of examples first"));
  }

  private static Map<String, String> parameters(Context ctx) {
    Map<String, String> parameters = new HashMap<>();
    ctx.formParamMap()
        .forEach(
            (name, values) -> {
              if (!values.isEmpty()) parameters.put(name, values.getFirst());
            });
    return parameters;
  }

  private static String param(Context ctx, String name) {
    String value = ctx.formParam(name);
    return value == null ? "" : value;
  }
}
