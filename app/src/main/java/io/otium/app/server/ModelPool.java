package io.otium.app.server;

import io.otium.app.server.embedding.EmbeddingModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.ModelInfo;
import io.otium.lm.hub.PullException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The language models that the server answers with, by name; the default one first. Safe for use by
 * many threads.
 */
public final class ModelPool implements AutoCloseable {
  private final Function<String, LanguageModel> loader;
  private final SequencedMap<String, LanguageModel> models = new LinkedHashMap<>();
  private final Map<String, EmbeddingModel> encoders = new LinkedHashMap<>();
  private final Object loading = new Object();
  private volatile ModelNames names = ModelNames.NONE;
  private @Nullable Coming coming;

  /** The default model while it is being loaded. */
  private record Coming(ModelInfo info, CompletableFuture<LanguageModel> model) {}

  /**
   * @param loader loads a model by the name or path that a user gave; throws {@link
   *     IllegalArgumentException} with a sentence for the user when it cannot
   */
  public ModelPool(Function<String, LanguageModel> loader) {
    this.loader = loader;
  }

  /** A pool of models that are loaded already, the default first; it can load no others. */
  public static ModelPool of(LanguageModel... models) {
    var pool =
        new ModelPool(
            name -> {
              throw new IllegalArgumentException("this server loads no models");
            });
    for (LanguageModel model : models) pool.add(model);
    return pool;
  }

  /** Answers by these names, too; their models are loaded when they are first asked for. */
  public void alsoKnow(ModelNames known) {
    names = known;
  }

  /** The names that are answered beside those of loaded models. */
  public ModelNames names() {
    return names;
  }

  /** What a model of this name is loaded, and then found, by. */
  private String reference(String name) {
    return names.reference(name).orElse(name);
  }

  /** Serves a model from now on; the first one added is the default. */
  public synchronized void add(LanguageModel model) {
    String id = model.info().id();
    if (models.containsKey(id) || coming(id) != null) {
      throw new IllegalArgumentException("a model named '" + id + "' is loaded already");
    }
    models.put(id, model);
  }

  /**
   * Says which model will be the default one. It is listed from now on, and requests for it wait
   * until {@link #loadExpected} has loaded it.
   */
  public synchronized void expect(ModelInfo info) {
    coming = new Coming(info, new CompletableFuture<>());
  }

  /**
   * Loads the model that was expected and serves it.
   *
   * @param load loads it; what it throws is thrown here, and those who wait are refused
   */
  public LanguageModel loadExpected(Supplier<LanguageModel> load) {
    Coming expected = coming();
    if (expected == null) throw new IllegalStateException("no model is expected");
    try {
      LanguageModel model = load.get();
      synchronized (this) {
        models.putFirst(expected.info().id(), model);
        coming = null;
      }
      expected.model().complete(model);
      return model;
    } catch (RuntimeException | Error failed) {
      expected.model().completeExceptionally(failed);
      throw failed;
    }
  }

  private synchronized @Nullable Coming coming() {
    return coming;
  }

  private synchronized @Nullable Coming coming(@Nullable String id) {
    Coming expected = coming;
    return expected != null && (id == null || id.equals(expected.info().id())) ? expected : null;
  }

  /** What the default model will be while it is being loaded; null before and after. */
  public @Nullable ModelInfo expected() {
    Coming expected = coming();
    return expected == null ? null : expected.info();
  }

  /** Serves a sentence encoder too, under /v1/embeddings. */
  public synchronized void addEncoder(EmbeddingModel encoder) {
    if (encoders.putIfAbsent(encoder.id(), encoder) != null) {
      throw new IllegalArgumentException(
          "an encoder named '" + encoder.id() + "' is there already");
    }
  }

  /** The sentence encoders. */
  public synchronized List<EmbeddingModel> encoders() {
    return List.copyOf(encoders.values());
  }

  public synchronized @Nullable EmbeddingModel findEncoder(String id) {
    return models.containsKey(id) ? null : encoders.get(id);
  }

  /** Loads a model and serves it; requests to others go on meanwhile. */
  public LanguageModel load(String asked) {
    String name = reference(asked);
    Coming expected = coming(name);
    if (expected != null) {
      try {
        return expected.model().join();
      } catch (CompletionException failed) {
        throw ApiException.stopping();
      }
    }
    synchronized (loading) {
      LanguageModel loaded = find(name);
      if (loaded != null) return loaded;
      LanguageModel model = loader.apply(name);
      try {
        add(model);
      } catch (IllegalArgumentException taken) {
        model.close();
        throw taken;
      }
      return model;
    }
  }

  /** Stops serving a model and closes it, which ends its answers; false if there is none. */
  public boolean unload(String id) {
    String name = reference(id);
    LanguageModel model;
    synchronized (this) {
      model = models.remove(name);
    }
    if (model == null) return false;
    model.close();
    return true;
  }

  /** The models loaded, the default first. */
  public synchronized List<LanguageModel> all() {
    return List.copyOf(models.values());
  }

  public @Nullable LanguageModel find(String id) {
    String name = reference(id);
    synchronized (this) {
      return models.get(name);
    }
  }

  /**
   * The model of a request.
   *
   * @param id its name; the default model when absent
   * @throws ApiException 404 if it is not loaded, 400 if it is a sentence encoder
   */
  public synchronized LanguageModel get(@Nullable String id) {
    if (id == null) {
      if (models.isEmpty()) {
        throw new ApiException(
            404, "invalid_request_error", "model", "model_not_found", "no model is loaded");
      }
      return models.values().iterator().next();
    }
    LanguageModel model = models.get(id);
    if (model != null) return model;
    if (encoders.containsKey(id)) {
      throw ApiException.embedsOnly(id);
    }
    throw ApiException.modelNotFound(id);
  }

  /**
   * The model of a request, once it is loaded.
   *
   * @param id its name; the default model when absent
   * @throws ApiException as {@link #get}; 503 if it cannot be loaded or the server stops
   * @throws ClientGoneException if the caller hung up meanwhile
   */
  LanguageModel await(@Nullable String id, Caller caller) {
    Coming expected = coming(id);
    if (expected == null) {
      return id != null && names.reference(id).isPresent() ? named(id) : get(id);
    }
    while (true) {
      caller.check();
      try {
        return expected.model().get(Caller.LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        // Not yet: the caller may have gone.
      } catch (ExecutionException failed) {
        throw ApiException.stopping();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw ApiException.stopping();
      }
    }
  }

  /** A model by one of {@link #names}, which it answers under. */
  private LanguageModel named(String name) {
    try {
      LanguageModel model = load(name);
      return model.info().id().equals(name) ? model : new NamedModel(name, model);
    } catch (PullException | UncheckedIOException | IllegalArgumentException broken) {
      throw new ApiException(
          500,
          "server_error",
          "model",
          "model_not_loadable",
          "the model '%s' cannot be loaded: %s".formatted(Quote.of(name), broken.getMessage()));
    }
  }

  /** What is served, the default first, and what will be. */
  public synchronized List<ModelInfo> infos() {
    List<ModelInfo> infos = new ArrayList<>();
    if (coming != null) infos.add(coming.info());
    models.values().forEach(model -> infos.add(model.info()));
    return infos;
  }

  /** Closes all models. */
  @Override
  public void close() {
    Coming expected = coming();
    if (expected != null) expected.model().completeExceptionally(ApiException.stopping());
    List<LanguageModel> open;
    List<EmbeddingModel> openEncoders;
    synchronized (this) {
      open = List.copyOf(models.values());
      openEncoders = List.copyOf(encoders.values());
      models.clear();
      encoders.clear();
    }
    open.forEach(LanguageModel::close);
    openEncoders.forEach(EmbeddingModel::close);
  }
}
