package io.otium.app.server;

import io.otium.app.server.embedding.EmbeddingModel;
import io.otium.lm.LanguageModel;
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
  private final Map<String, EmbeddingModel> encoders = new LinkedHashMap<>();
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

  /** Closes all models. */
  @Override
  public void close() {
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
