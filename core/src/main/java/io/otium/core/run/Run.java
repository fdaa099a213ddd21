package io.otium.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A run in progress, owned by this process: it writes its folder as it goes.
 *
 * <pre>{@code
 * try (Run run = runs.start("train", options, seed)) {
 *   run.metric(step, Map.of("loss", loss));   // appended to metrics.jsonl at once
 *   run.checkCancelled();
 *   run.done();
 * }                                           // closed without done(): failed
 * }</pre>
 *
 * Its methods may be called from several threads. They throw {@link UncheckedIOException} where the
 * folder cannot be written, with a sentence that says so (a full disk, too).
 */
public final class Run implements AutoCloseable {
  static final String STEPS = "steps";

  private final Path folder;
  private final ObjectNode description;
  private final FileChannel metrics;
  private final Instant started;
  private boolean ended;

  Run(Path folder, ObjectNode description, Instant started) {
    this.folder = folder;
    this.description = description;
    this.started = started;
    try {
      Files.createDirectories(folder.resolve("artifacts"));
      metrics =
          FileChannel.open(
              folder.resolve("metrics.jsonl"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw RunFiles.failed(folder, e);
    }
    save(RunState.RUNNING, null);
  }

  public String id() {
    return folder.getFileName().toString();
  }

  public Path folder() {
    return folder;
  }

  /** Where the run puts what it makes: {@code artifacts/name} in its folder. */
  public Path artifact(String name) {
    return folder.resolve("artifacts").resolve(name);
  }

  /** Keeps in {@code run.json} how many updates the whole run has. */
  public synchronized void steps(long count) {
    description.put(STEPS, count);
    RunFiles.write(folder.resolve(Runs.DESCRIPTION), description);
  }

  /** Appends a sentence to the run's log. */
  public synchronized void log(String message) {
    log("info", message);
  }

  private void log(String level, String message) {
    ObjectNode line = RunFiles.MAPPER.createObjectNode();
    line.put("seconds", seconds()).put("level", level).put("message", message);
    Path file = folder.resolve(Runs.LOG);
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw RunFiles.failed(file, e);
    }
  }

  /** Appends a line to {@code metrics.jsonl}: the step, seconds since the start, the values. */
  public synchronized void metric(long step, Map<String, Double> values) {
    ObjectNode line = RunFiles.MAPPER.createObjectNode();
    line.put("step", step);
    line.put("seconds", seconds());
    // JSON has no NaN; a diverged loss is a fact worth keeping all the same.
    values.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            line.put(name, value);
          } else {
            line.put(name, value.toString());
          }
        });
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        metrics.write(bytes);
      }
    } catch (IOException e) {
      throw RunFiles.failed(folder.resolve("metrics.jsonl"), e);
    }
  }

  /** Keeps a JSON file, such as {@code result.json}, in the folder; whole or not at all. */
  public void keep(String name, JsonNode json) {
    RunFiles.write(folder.resolve(name), json);
  }

  /** Whether somebody, in this process or another, asked for the run's end. */
  public boolean cancelRequested() {
    return Files.exists(folder.resolve(Runs.CANCEL));
  }

  /**
   * Ends the run where that was asked; long tasks call it often.
   *
   * @throws CancellationException if so
   */
  public void checkCancelled() {
    if (cancelRequested()) {
      end(RunState.CANCELLED, null);
      throw new CancellationException("run " + id() + " was cancelled");
    }
  }

  public void done() {
    end(RunState.DONE, null);
  }

  /** Ends the run as failed, with the failure's one sentence. */
  public void failed(Throwable failure) {
    end(RunState.FAILED, String.valueOf(failure.getMessage()));
  }

  public double seconds() {
    return Duration.between(started, Instant.now()).toMillis() / 1000.0;
  }

  /** Ends a run that was neither done nor cancelled as failed. */
  @Override
  public void close() {
    end(RunState.FAILED, "ended before it was done");
  }

  private synchronized void end(RunState state, @Nullable String error) {
    if (ended) {
      return;
    }
    ended = true;
    try {
      metrics.force(false);
      metrics.close();
      Files.deleteIfExists(folder.resolve(Runs.CANCEL));
    } catch (IOException e) {
      throw RunFiles.failed(folder, e);
    }
    description.put("seconds", seconds());
    if (error == null) {
      log("info", state.word());
    } else {
      log("error", error);
    }
    save(state, error);
  }

  private void save(RunState state, @Nullable String error) {
    description.put("state", state.word());
    if (error != null) {
      description.put("error", error);
    }
    RunFiles.write(folder.resolve(Runs.DESCRIPTION), description);
  }
}
