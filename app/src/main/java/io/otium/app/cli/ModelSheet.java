package io.otium.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.engine.EngineOptions;
import io.otium.lm.hub.InstalledModel;
import io.otium.lm.hub.ModelDetails;
import io.otium.lm.hub.ModelRef;
import io.otium.lm.hub.ModelStore;
import io.otium.lm.hub.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What there is to say of a model before it is loaded.
 *
 * @param installed empty for a model that lies elsewhere
 */
record ModelSheet(Path path, ModelDetails details, Optional<InstalledModel> installed) {

  /**
   * Of an installed model, or one at a path.
   *
   * @throws io.otium.lm.hub.PullException if there is none of that name, or its files are damaged
   */
  static ModelSheet of(String name, ModelStore store) {
    Optional<InstalledModel> installed = store.find(name);
    if (installed.isEmpty() && ModelRef.parse(name) instanceof ModelRef.LocalFile file) {
      Path path = Models.inPlace(file);
      return new ModelSheet(path, ModelDetails.of(path), installed);
    }
    InstalledModel model = installed.orElseGet(() -> store.require(name));
    return new ModelSheet(model.path(), ModelDetails.of(model), Optional.of(model));
  }

  /**
   * Memory that serving takes at a precision.
   *
   * @param weights in bytes
   * @param cache in bytes, for {@link #cacheTokens}
   */
  private record Need(String precision, long weights, long cache) {
    long total() {
      return weights + cache;
    }
  }

  /** Tokens that the engine's cache holds unless told otherwise. */
  private int cacheTokens() {
    return EngineOptions.defaults().cacheTokensOf(details.context());
  }

  /** By precision, the smallest last; the cache at fp32 is of full precision too. */
  private List<Need> needs() {
    List<Need> needs = new ArrayList<>();
    details
        .weightBytes()
        .forEach(
            (precision, weights) -> {
              long total = details.memory(precision, cacheTokens(), !precision.equals("fp32"));
              needs.add(new Need(precision, weights, total - weights));
            });
    return needs;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    line(
        lines,
        "model",
        "%s",
        installed.map(InstalledModel::id).orElse(path.getFileName().toString()));
    line(
        lines,
        "architecture",
        "%s, %d layers of width %,d, %,d words in its vocabulary",
        details.architecture(),
        details.layers(),
        details.width(),
        details.vocabulary());
    line(
        lines,
        "parameters",
        "%.1fM, most of them stored as %s",
        details.parameters() / 1e6,
        details.dtype());
    line(lines, "context", "%,d tokens", details.context());
    line(lines, "licence", "%s", details.licence().isBlank() ? "not said" : details.licence());
    String label = "memory";
    for (Need need : needs()) {
      line(lines, label, "%-4s  %s", need.precision(), sum(need));
      label = "";
    }
    installed.ifPresentOrElse(model -> origin(lines, model), () -> line(lines, "path", "%s", path));
    return lines;
  }

  private String sum(Need need) {
    String weights = PullProgress.megabytes(need.weights());
    return need.cache() == 0
        ? weights
        : "%s: %s of weights, %s of cache for %,d tokens"
            .formatted(
                PullProgress.megabytes(need.total()),
                weights,
                PullProgress.megabytes(need.cache()),
                cacheTokens());
  }

  private static void origin(List<String> lines, InstalledModel model) {
    var manifest = model.manifest();
    line(lines, "source", "%s", manifest.source());
    if (!manifest.revision().isBlank()) line(lines, "revision", "%s", manifest.revision());
    line(lines, "format", "%s", manifest.format());
    line(lines, "fetched", "%s", manifest.created());
    line(lines, "folder", "%s", model.folder());
    for (var file : manifest.files()) {
      line(lines, "file", "%s  %s", file.name(), PullProgress.megabytes(file.size()));
      line(lines, "", "sha256 %s", file.sha256());
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency of ours
  private static void line(List<String> lines, String label, String format, Object... values) {
    lines.add("%-14s ".formatted(label) + String.format(Locale.ROOT, format, values));
  }

  ObjectNode json() {
    ObjectNode node = installed.map(ModelListing::toJson).orElseGet(this::place);
    node.put("architecture", details.architecture())
        .put("parameters", details.parameters())
        .put("dtype", details.dtype())
        .put("layers", details.layers())
        .put("width", details.width())
        .put("vocabulary", details.vocabulary())
        .put("context", details.context())
        .put("licence", details.licence());
    ObjectNode memory =
        node.putObject("memory")
            .put("cacheTokens", cacheTokens())
            .put("cacheBytesPerToken", details.kvBytesPerToken());
    for (Need need : needs()) {
      memory
          .putObject(need.precision())
          .put("weightBytes", need.weights())
          .put("cacheBytes", need.cache())
          .put("bytes", need.total());
    }
    return node;
  }

  private ObjectNode place() {
    return Json.MAPPER
        .createObjectNode()
        .put("id", path.getFileName().toString())
        .put("path", path.toString());
  }
}
