package io.otium.lm.hub;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Models by name: found where they are installed, or fetched. What the command line, the server and
 * the console use.
 *
 * {@snippet :
 * Path model = Models.open().resolve("smollm2-135m-instruct", ProgressListener.NONE);
 * }
 */
public final class Models {
  /** What a training run's model is called by: {@code run:ID}. */
  public static final String RUN = "run:";

  private final OtiumHome home;
  private final ModelStore store;
  private final Puller puller;

  Models(
      OtiumHome home,
      Map<String, String> environment,
      Disk disk,
      Downloads downloads,
      Clock clock) {
    this.home = home;
    this.store = new ModelStore(home);
    this.puller = new Puller(store, environment, disk, downloads, clock);
  }

  /** With the environment's settings: {@code OTIUM_HOME}, {@code HF_ENDPOINT} and so on. */
  public static Models open() {
    return at(OtiumHome.fromEnvironment());
  }

  /** With another home. */
  public static Models at(OtiumHome home) {
    Map<String, String> environment = System.getenv();
    Transport.Patience patience = Transport.Patience.DEFAULT;
    Transport transport =
        new Transport(
            new Once<>(
                () -> {
                  String cert = PipSettings.from(environment, Path.of("/")).cert();
                  return Trust.client(environment, cert, patience);
                }),
            patience,
            Thread::sleep);
    Downloads downloads = new Downloads(transport, Disk.REAL, Download.LEAST_RANGE);
    return new Models(home, environment, Disk.REAL, downloads, Clock.systemUTC());
  }

  /** What is installed. */
  public ModelStore store() {
    return store;
  }

  /**
   * The model that a reference means, on disk: an installed one, a path as it lies, or one that is
   * pulled now.
   *
   * @param ref see {@link ModelRef#parse}
   * @return a GGUF file, or the folder of a safetensors model
   * @throws PullException if there is none and it cannot be fetched, with what to do
   * @throws java.util.concurrent.CancellationException if the listener cancelled
   */
  public Path resolve(String ref, ProgressListener listener) {
    if (ref.startsWith(RUN)) return ofRun(ref.substring(RUN.length()));
    ModelRef parsed = ModelRef.parse(ref);
    if (parsed instanceof ModelRef.LocalFile file) {
      Path path = FileSource.inPlace(file);
      if (!FileSource.isWheel(path)) {
        return path;
      }
    }
    Optional<InstalledModel> installed = find(parsed);
    return installed.orElseGet(() -> pull(ref, listener)).path();
  }

  /** What a training run made. */
  private Path ofRun(String id) {
    if (!id.matches("[a-z0-9-]+")) {
      throw new PullException("'" + RUN + id + "' names no run; ./otium runs lists them");
    }
    Path made = home.runs().resolve(id).resolve("artifacts").resolve("model");
    if (!Files.isDirectory(made)) {
      throw new PullException(
          "run %s made no model (yet); ./otium runs lists the runs".formatted(id));
    }
    return made;
  }

  /**
   * A model on this machine, where it lies.
   *
   * @return a GGUF file, or the folder of a safetensors model
   * @throws PullException if there is none
   */
  public static Path inPlace(ModelRef.LocalFile ref) {
    Path path = FileSource.inPlace(ref);
    if (FileSource.isWheel(path)) {
      throw new PullException(path + " is a wheel; what is in it is known when it is pulled");
    }
    return path;
  }

  /** The installed model that a reference means, if there is one; asks no server. */
  public Optional<InstalledModel> find(String ref) {
    return ref.startsWith(RUN) ? Optional.empty() : find(ModelRef.parse(ref));
  }

  private Optional<InstalledModel> find(ModelRef ref) {
    return store.find(canonical(ref));
  }

  /**
   * Fetches a model into the store, from the first of its sources that answers. One that is
   * installed already is fetched again only if its source has something newer.
   *
   * @param ref see {@link ModelRef#parse}
   * @throws PullException if that fails, with what to do
   * @throws java.util.concurrent.CancellationException if the listener cancelled
   */
  public InstalledModel pull(String ref, ProgressListener listener) {
    ModelRef parsed = ModelRef.parse(ref);
    if (!(parsed instanceof ModelRef.Named named)) {
      return puller.pull(local(parsed), listener);
    }
    List<ModelRef> sources = sources(named);
    List<String> refusals = new ArrayList<>();
    for (ModelRef source : sources) {
      try {
        return puller.pull(source, listener);
      } catch (PullException e) {
        refusals.add(String.valueOf(e.getMessage()));
        if (sources.size() > refusals.size()) {
          listener.onNote("%s; trying %s".formatted(e.getMessage(), sources.get(refusals.size())));
        }
      }
    }
    throw new PullException(
        refusals.size() == 1
            ? refusals.getFirst()
            : "No source of %s gave it: %s".formatted(named, String.join("; ", refusals)));
  }

  private List<ModelRef> sources(ModelRef.Named named) {
    Optional<KnownModels.KnownModel> known = KnownModels.find(named.name());
    if (known.isPresent()) {
      return known.get().sources();
    }
    Optional<InstalledModel> installed = store.find(named.name());
    if (installed.isPresent()) {
      return List.of(ModelRef.parse(installed.get().manifest().source()));
    }
    List<String> names = new ArrayList<>();
    store.list().forEach(model -> names.add(model.id()));
    KnownModels.all().forEach(model -> names.add(model.name()));
    List<String> similar = KnownModels.similar(named.name(), names);
    throw new PullException(
        "No model '%s' is installed or known; %s"
            .formatted(
                named,
                similar.isEmpty()
                    ? "write hf:ORG/NAME for one of the hub, pip:NAME, a path, or one of "
                        + String.join(", ", names.stream().distinct().toList())
                    : "did you mean " + String.join(" or ", similar) + "?"));
  }

  private static String canonical(ModelRef ref) {
    return local(ref).toString();
  }

  /** A path made absolute, so that it means the same from every folder. */
  private static ModelRef local(ModelRef ref) {
    return ref instanceof ModelRef.LocalFile file
        ? new ModelRef.LocalFile(file.path().toAbsolutePath().normalize())
        : ref;
  }
}
