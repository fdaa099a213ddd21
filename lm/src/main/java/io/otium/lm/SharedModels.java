package io.otium.lm;

import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.hub.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Models of a process that share what they can: an adapter is not merged into weights of its own,
 * but put beside those of its base, which are loaded once for all of its adapters and itself. Their
 * requests run together, whichever adapter each has.
 *
 * <p>A single model with an adapter is faster merged, as {@link LanguageModel#load} does: unmerged,
 * a rank of 16 costs a tenth.
 */
public final class SharedModels {
  private final Map<Key, Model> open = new HashMap<>();

  private record Key(Path path, LoadOptions options) {}

  /**
   * Finds a model, as {@link LanguageModel#find} does.
   *
   * @throws io.otium.lm.hub.PullException if there is none, with what to do
   * @throws IOException if its files cannot be read or are no model's, with what is wrong
   */
  public FoundModel find(String ref, LoadOptions options, ProgressListener progress)
      throws IOException {
    ModelFiles.Found found = ModelFiles.Found.of(ref, progress);
    if (!AdapterFiles.areIn(found.path())) return new Shared(found, null, options, found.id());
    AdapterFiles.Adapter adapter = AdapterFiles.read(found.path());
    // one that changes the length of the weights' rows is merged
    if (!adapter.isBeside()) return new Shared(found, null, options, found.id());
    ModelFiles.Found base = ModelFiles.Found.of(adapter.base(), progress);
    if (base.path().toAbsolutePath().equals(found.path().toAbsolutePath())) {
      throw new IOException(found.path() + " says that it was made of itself");
    }
    return new Shared(base, adapter, options, found.id());
  }

  /** One that is open already, held once more; null if there is none. */
  private synchronized @Nullable Model hold(Key key) {
    Model model = open.get(key);
    return model != null && model.hold() ? model : null;
  }

  /** A model of these files: a second one is not loaded, but shares the first one's weights. */
  private final class Shared implements FoundModel {
    private final Key key;
    private final AdapterFiles.@Nullable Adapter adapter;
    private final FoundModel weights;
    private final ModelInfo info;
    private boolean loaded;

    Shared(
        ModelFiles.Found place,
        AdapterFiles.@Nullable Adapter adapter,
        LoadOptions options,
        String id)
        throws IOException {
      this.key = new Key(place.path().toAbsolutePath().normalize(), options);
      this.adapter = adapter;
      Model held = hold(key);
      this.weights =
          held != null
              ? new Held(held)
              : new OpenFiles(place.id(), ModelFiles.open(place.path()), options);
      ModelInfo of = weights.info();
      this.info =
          new ModelInfo(
              id,
              of.architecture(),
              of.parameters() + (adapter == null ? 0 : adapter.parameters()),
              of.weights(),
              of.context(),
              of.width(),
              of.layers(),
              of.created());
    }

    @Override
    public ModelInfo info() {
      return info;
    }

    @Override
    public LanguageModel load() throws IOException {
      if (loaded) throw new IllegalStateException(info.id() + " was loaded already");
      LanguageModel base = base();
      loaded = true;
      if (!(base instanceof Model model)) {
        if (adapter == null) return base;
        base.close();
        throw new IOException(
            "%s is an adapter of an encoder; only models that write can have one"
                .formatted(info.id()));
      }
      if (adapter == null) {
        return model.info().id().equals(info.id()) ? model : new ModelView(info, model, null);
      }
      try {
        return new ModelView(info, model, model.loaded().add(adapter.updates()));
      } catch (IllegalArgumentException unfit) {
        model.close();
        throw new IOException(info.id() + ": " + unfit.getMessage(), unfit);
      }
    }

    private LanguageModel base() throws IOException {
      synchronized (SharedModels.this) { // nobody loads the same beside us
        Model meanwhile = weights instanceof Held ? null : hold(key);
        if (meanwhile != null) {
          weights.close();
          return meanwhile;
        }
        LanguageModel model = weights.load();
        if (model instanceof Model real) open.put(key, real);
        return model;
      }
    }

    @Override
    public void close() {
      if (!loaded) weights.close();
    }
  }

  /** A model that is loaded already. */
  private record Held(Model model) implements FoundModel {
    @Override
    public ModelInfo info() {
      return model.info();
    }

    @Override
    public LanguageModel load() {
      return model;
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
