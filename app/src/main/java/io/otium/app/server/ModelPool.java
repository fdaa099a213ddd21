package io.otium.app.server;

import io.otium.lm.LanguageModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The language models that the server answers with, by name; the default one first. Safe for use by
 * many threads.
 */
public final class ModelPool implements AutoCloseable {
  private final Function<String, LanguageModel> loader;
  private final Map<String, LanguageModel> models = new LinkedHashMap<>();
  private final Object loading = new Object();

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

  /** Serves a model from now on; the first one added is the default. */
  public synchronized void add(LanguageModel model) {
    String id = model.info().id();
    if (models.containsKey(id)) {
      throw new IllegalArgumentException("a model named '" + id + "' is loaded already");
    }
    models.put(id, model);
  }

  /** Loads a model and serves it; requests to others go on meanwhile. */
  public LanguageModel load(String name) {
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
    LanguageModel model;
    synchronized (this) {
      model = models.remove(id);
    }
    if (model == null) return false;
    model.close();
    return true;
  }

  /** The models loaded, the default first. */
  public synchronized List<LanguageModel> all() {
    return List.copyOf(models.values());
  }

  public synchronized @Nullable LanguageModel find(String id) {
    return models.get(id);
  }

  /**
   * The model of a request.
   *
   * @param id its name; the default model when absent
   * @throws ApiException 404 if it is not loaded
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
    if (model == null) throw ApiException.modelNotFound(id);
    return model;
  }

  /** Closes all models. */
  @Override
  public void close() {
    List<LanguageModel> open;
    synchronized (this) {
      open = new ArrayList<>(models.values());
      models.clear();
    }
    open.forEach(LanguageModel::close);
  }
}
