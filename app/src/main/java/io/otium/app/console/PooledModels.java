package io.otium.app.console;

import io.otium.app.server.ApiException;
import io.otium.app.server.ModelNames;
import io.otium.app.server.ModelPool;
import io.otium.lm.LanguageModel;
import io.otium.lm.ModelInfo;
import io.otium.lm.hub.ModelManifest;
import io.otium.lm.hub.ModelRef;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.PullException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The models of a server: those its pool has loaded, and those in the store. */
public final class PooledModels implements ConsoleModels {
  private final ModelPool pool;
  private final Models store;
  private final Pulls pulls;

  public PooledModels(ModelPool pool, Models store) {
    this.pool = pool;
    this.store = store;
    this.pulls = new Pulls(store);
  }

  @Override
  public List<InstalledModel> installed() {
    Map<String, ModelManifest> manifests = new LinkedHashMap<>();
    store.store().list().forEach(model -> manifests.put(model.id(), model.manifest()));
    List<InstalledModel> models = new ArrayList<>();
    for (ModelInfo served : pool.infos()) { // the default first
      String id = served.id();
      models.add(model(id, manifests.remove(id), pool.find(id)));
    }
    for (ModelNames.Named made : pool.names().all()) {
      if (!models.isEmpty() && models.getFirst().id().equals(made.reference())) continue;
      models.removeIf(model -> model.id().equals(made.reference()));
      models.add(
          new InstalledModel(
              made.name(),
              0,
              false,
              pool.find(made.name()),
              Map.of("Made of", made.base(), "By", made.reference())));
    }
    manifests.forEach((id, manifest) -> models.add(model(id, manifest, null)));
    return models;
  }

  /** A model of the store, or one that is served from where it lies. */
  private InstalledModel model(
      String id, @Nullable ModelManifest manifest, @Nullable LanguageModel loaded) {
    ModelInfo expected = pool.expected();
    boolean loading = expected != null && expected.id().equals(id);
    return manifest == null
        ? new InstalledModel(id, 0, loading, loaded, Map.of())
        : new InstalledModel(id, manifest.bytes(), loading, loaded, details(manifest));
  }

  @Override
  public boolean starting() {
    return pool.expected() != null;
  }

  private static Map<String, String> details(ModelManifest manifest) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("Source", manifest.source());
    if (!manifest.revision().isEmpty()) {
      details.put("Revision", manifest.revision());
    }
    details.put("Licence", manifest.licence().isEmpty() ? "not stated" : manifest.licence());
    details.put("Format", manifest.format());
    details.put("Fetched", manifest.created().toString().substring(0, 10));
    return details;
  }

  @Override
  public LanguageModel open(String id) {
    return sentence(
        () -> {
          LanguageModel loaded = id.isEmpty() ? null : pool.find(id);
          if (loaded != null) {
            return loaded;
          }
          if (!id.isEmpty()) {
            return pool.load(id);
          }
          List<InstalledModel> models = installed();
          if (models.isEmpty()) {
            throw new IllegalArgumentException(
                "No model is installed; get one on the page of models");
          }
          return pool.load(models.getFirst().id());
        });
  }

  @Override
  public void unload(String id) {
    pool.unload(id);
  }

  @Override
  public void remove(String id) {
    pool.unload(id);
    if (!pool.names().delete(id)) sentence(() -> store.store().remove(id));
  }

  @Override
  public List<Pull> pulls() {
    return pulls.all();
  }

  @Override
  public Pull pull(String source) {
    return sentence(() -> pulls.begin(ModelRef.parse(source).toString()));
  }

  @Override
  public void cancelPull(long id) {
    pulls.cancel(id);
  }

  /** What these throw for the user's sake, as the console takes it. */
  private static <T> T sentence(Supplier<T> work) {
    try {
      return work.get();
    } catch (PullException | ApiException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
