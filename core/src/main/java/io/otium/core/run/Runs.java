package io.otium.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The folder of runs, {@code $OTIUM_HOME/runs}: one folder each with {@code run.json} (what was
 * asked, where it runs, how it stands), {@code metrics.jsonl} and {@code artifacts/}. Any process
 * may read; a run's own process writes.
 */
public final class Runs {
  static final String DESCRIPTION = "run.json";
  static final String LOG = "log.jsonl";
  static final String CANCEL = "cancel";

  /** When a run was last put into the queue; of those that never were, absent. */
  static final String QUEUED = "queued";

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path root;
  private final Clock clock;

  public Runs(Path root) {
    this(root, Clock.systemUTC());
  }

  Runs(Path root, Clock clock) {
    this.root = root;
    this.clock = clock;
  }

  /** {@code $OTIUM_HOME/runs}, or {@code .otium/runs} in the user's home. */
  public static Runs inHome() {
    String home = System.getenv().getOrDefault("OTIUM_HOME", "");
    Path root = home.isBlank() ? Path.of(System.getProperty("user.home"), ".otium") : Path.of(home);
    return new Runs(root.resolve("runs"));
  }

  public Path root() {
    return root;
  }

  /**
   * Starts a run in a folder of its own.
   *
   * @param verb the command, such as {@code train} or {@code reproduce}
   * @param options the resolved options, as JSON
   * @throws UncheckedIOException if the folder cannot be written
   */
  public Run start(String verb, JsonNode options, long seed) {
    Instant now = clock.instant();
    ObjectNode description = describe(verb, RunState.RUNNING, options, seed, now);
    claim(description);
    return new Run(newFolder(verb, now), description, now);
  }

  /**
   * Puts a run into the queue: a folder that says what is asked, for another process to {@link
   * #begin}.
   *
   * @param verb the command, such as {@code train}
   * @param options the resolved options, as JSON
   * @param more is told the run's id and gives further entries of {@code run.json}
   * @throws UncheckedIOException if the folder cannot be written
   */
  public RunInfo queue(
      String verb, JsonNode options, long seed, Function<String, Map<String, JsonNode>> more) {
    Instant now = clock.instant();
    ObjectNode description = describe(verb, RunState.QUEUED, options, seed, now);
    description.put(QUEUED, now.toString());
    Path folder = newFolder(verb, now);
    String id = folder.getFileName().toString();
    description.setAll(more.apply(id));
    RunFiles.write(folder.resolve(DESCRIPTION), description);
    return show(id);
  }

  /**
   * Puts a run that ended before it was done into the queue again.
   *
   * @throws IllegalArgumentException if there is none of this id, or it waits, runs or is done
   */
  public RunInfo requeue(String id) {
    RunInfo run = show(id);
    requireBroken(run);
    ObjectNode description = run.description().deepCopy();
    description.remove("error");
    description.put("state", RunState.QUEUED.word());
    description.put(QUEUED, clock.instant().toString());
    forget(run, CANCEL);
    RunFiles.write(run.folder().resolve(DESCRIPTION), description);
    return show(id);
  }

  /**
   * Begins a run of the queue, or goes on with it where it was put there again or interrupted.
   *
   * @param step the last one whose metrics hold, 0 for a fresh one; later lines are made again and
   *     taken out
   * @throws IllegalArgumentException if there is none of this id, or it is not in the queue
   */
  public Run begin(String id, long step) {
    RunInfo run = show(id);
    if (!run.isWaiting()) {
      throw new IllegalArgumentException(
          "run %s is %s, not in the queue".formatted(id, run.state().word()));
    }
    return goOn(run, step);
  }

  /**
   * Goes on with a run that ended before it was done, in its folder.
   *
   * @param step the last one whose metrics hold; later lines are made again and taken out
   * @throws IllegalArgumentException if there is none of this id, or it waits, runs or is done
   */
  public Run resume(String id, long step) {
    RunInfo run = show(id);
    requireBroken(run);
    return goOn(run, step);
  }

  private static void requireBroken(RunInfo run) {
    if (!run.state().isBroken()) {
      throw new IllegalArgumentException(
          "run %s is %s; only what ended before it was done can be resumed"
              .formatted(run.id(), run.state().word()));
    }
  }

  private Run goOn(RunInfo run, long step) {
    Path metrics = run.folder().resolve("metrics.jsonl");
    boolean fresh = !Files.exists(metrics);
    if (!fresh) RunFiles.cut(metrics, step);
    forget(run, CANCEL);
    ObjectNode description = run.description().deepCopy();
    description.remove("error");
    claim(description);
    Instant now = clock.instant();
    description.put(fresh ? "started" : "resumed", now.toString());
    return new Run(run.folder(), description, fresh ? now : run.started());
  }

  private static void forget(RunInfo run, String mark) {
    try {
      Files.deleteIfExists(run.folder().resolve(mark));
    } catch (IOException e) {
      throw RunFiles.failed(run.folder(), e);
    }
  }

  private static ObjectNode describe(
      String verb, RunState state, JsonNode options, long seed, Instant now) {
    if (!verb.matches("[a-z][a-z0-9-]*")) {
      throw new IllegalArgumentException("a run's verb is a word in kebab-case, not " + verb);
    }
    ObjectNode description = RunFiles.MAPPER.createObjectNode();
    description.put("verb", verb);
    description.put("state", state.word());
    description.put("started", now.toString());
    description.put("seed", seed);
    description.set("options", options);
    ObjectNode versions = description.putObject("versions");
    versions.put("otium", version());
    gitCommit(Path.of("").toAbsolutePath()).ifPresent(commit -> versions.put("commit", commit));
    description.set("machine", Machine.here().toJson());
    return description;
  }

  private static void claim(ObjectNode description) {
    ProcessHandle process = ProcessHandle.current();
    description.put("pid", process.pid());
    description.put("processStarted", startOf(process));
  }

  /** All runs, newest first; folders without a readable {@code run.json} are left out. */
  public List<RunInfo> list() {
    List<RunInfo> runs = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (Stream<Path> folders = Files.list(root)) {
        folders
            .filter(folder -> Files.exists(folder.resolve(DESCRIPTION)))
            .forEach(folder -> readable(folder).ifPresent(runs::add));
      } catch (IOException e) {
        throw new UncheckedIOException(root + " cannot be listed: " + e.getMessage(), e);
      }
    }
    runs.sort(Comparator.comparing(RunInfo::started).thenComparing(RunInfo::id).reversed());
    return runs;
  }

  /**
   * One run.
   *
   * @throws IllegalArgumentException if there is none of this id
   */
  public RunInfo show(String id) {
    // An id from a request must not lead out of the folder.
    Path folder = id.matches("[a-z0-9-]+") ? root.resolve(id) : root.resolve("-");
    return readable(folder)
        .orElseThrow(() -> new IllegalArgumentException("there is no run " + id + " in " + root));
  }

  /**
   * Ends a run by what its own process said last, which can say no more.
   *
   * @throws IllegalArgumentException if there is none of this id
   */
  public void fail(String id, String error) {
    RunInfo run = show(id);
    ObjectNode description = run.description().deepCopy();
    description.put("state", RunState.FAILED.word());
    description.put("error", error);
    description.put("seconds", run.seconds());
    RunFiles.write(run.folder().resolve(DESCRIPTION), description);
  }

  /**
   * Takes a run out of the queue, or asks a running one to end, which it does at its next {@link
   * Run#checkCancelled}.
   *
   * @throws IllegalArgumentException if there is none of this id, or it has ended
   */
  public void cancel(String id) {
    RunInfo run = show(id);
    if (run.state() == RunState.QUEUED) {
      ObjectNode description = run.description().deepCopy();
      description.put("state", RunState.CANCELLED.word());
      RunFiles.write(run.folder().resolve(DESCRIPTION), description);
      return;
    }
    if (run.state() != RunState.RUNNING) {
      throw new IllegalArgumentException(
          "run " + id + " does not run; it is " + run.state().word());
    }
    try {
      Files.write(run.folder().resolve(CANCEL), new byte[0]);
    } catch (IOException e) {
      throw RunFiles.failed(run.folder(), e);
    }
  }

  private Optional<RunInfo> readable(Path folder) {
    try {
      ObjectNode description = RunFiles.read(folder.resolve(DESCRIPTION));
      RunState state = RunState.of(description.path("state").asText());
      Instant started = Instant.parse(description.path("started").asText());
      double seconds = description.path("seconds").asDouble();
      if (state == RunState.RUNNING && !isAlive(description)) {
        state = RunState.INTERRUPTED;
        seconds = Math.max(0, lastSign(folder, started).toMillis() / 1000.0);
      } else if (state == RunState.RUNNING) {
        seconds = Duration.between(started, clock.instant()).toMillis() / 1000.0;
      }
      return Optional.of(
          new RunInfo(
              folder.getFileName().toString(),
              description.path("verb").asText(),
              state,
              started,
              seconds,
              folder,
              description));
    } catch (UncheckedIOException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Time from the start to the last line of metrics: what is known of a run that was killed. */
  private static Duration lastSign(Path folder, Instant started) {
    try {
      Path metrics = folder.resolve("metrics.jsonl");
      return Duration.between(started, Files.getLastModifiedTime(metrics).toInstant());
    } catch (IOException e) {
      return Duration.ZERO;
    }
  }

  /** Whether the run's own process lives: its id may long be another process's. */
  private static boolean isAlive(ObjectNode description) {
    return ProcessHandle.of(description.path("pid").asLong(-1))
        .filter(ProcessHandle::isAlive)
        .filter(process -> startOf(process) == description.path("processStarted").asLong())
        .isPresent();
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::getEpochSecond).orElse(0L);
  }

  private Path newFolder(String verb, Instant now) {
    try {
      Files.createDirectories(root);
      for (int n = 1; ; n++) {
        Path folder = root.resolve(STAMP.format(now) + "-" + verb + (n == 1 ? "" : "-" + n));
        try {
          // Creating it claims it: two processes may start in the same second.
          return Files.createDirectory(folder);
        } catch (FileAlreadyExistsException taken) {
          if (n == 10_000) {
            throw taken;
          }
        }
      }
    } catch (IOException e) {
      throw RunFiles.failed(root, e);
    }
  }

  private static String version() {
    String version = Runs.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** The commit of the checkout around a folder, read from its files. */
  static Optional<String> gitCommit(Path start) {
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      Path git = folder.resolve(".git");
      if (Files.exists(git)) {
        try {
          if (Files.isRegularFile(git)) { // a worktree: "gitdir: PATH"
            git = folder.resolve(Files.readString(git).strip().substring("gitdir: ".length()));
          }
          String head = Files.readString(git.resolve("HEAD")).strip();
          if (!head.startsWith("ref: ")) {
            return Optional.of(head);
          }
          Path common = git.resolve("commondir");
          Path store = Files.exists(common) ? git.resolve(Files.readString(common).strip()) : git;
          return Optional.of(Files.readString(store.resolve(head.substring(5))).strip());
        } catch (IOException | IndexOutOfBoundsException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
