package io.otium.app.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import io.otium.core.run.Runs;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training runs one after the other, each in a {@link TrainingProcess}. The queue is the folder of
 * runs itself, so that it outlives this process: what waited goes on waiting, and what was
 * interrupted goes on from its last checkpoint. Of several processes with one home, one at a time
 * serves the queue.
 */
public final class TrainingQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainingQueue.class);
  private static final String TRAIN = "train";
  private static final long LOOK_MILLIS = 1000;

  private final OtiumHome home;
  private final Runs runs;
  private final Thread worker;
  private final Semaphore news = new Semaphore(0);
  private volatile boolean closed;
  private @Nullable Process process;

  /** Begins to serve the queue of a home. */
  public TrainingQueue(OtiumHome home) {
    this.home = home;
    this.runs = new Runs(home.runs());
    worker = Thread.ofPlatform().daemon().name("training-queue").start(this::work);
  }

  public Runs runs() {
    return runs;
  }

  /**
   * Puts a run at the queue's end.
   *
   * @param more see {@link Runs#queue}
   */
  public RunInfo add(Recipe recipe, Function<String, Map<String, JsonNode>> more) {
    RunInfo run = runs.queue(TRAIN, Recipe.OPTIONS.toJson(recipe), recipe.seed(), more);
    lookAgain();
    return run;
  }

  /**
   * Puts a run that was cancelled, failed or interrupted at the queue's end.
   *
   * @throws IllegalArgumentException if there is none of this id, or it cannot go on
   */
  public RunInfo resume(String id) {
    RunInfo run = runs.show(id);
    if (!run.verb().equals(TRAIN)) {
      throw new IllegalArgumentException(
          "run %s is of %s; only training runs can be resumed".formatted(id, run.verb()));
    }
    RunInfo queued = runs.requeue(id);
    lookAgain();
    return queued;
  }

  /** Runs that wait for their turn, the next one first. */
  public List<RunInfo> waiting() {
    return runs.list().stream()
        .filter(run -> run.verb().equals(TRAIN) && run.isWaiting())
        .sorted(Comparator.comparing((RunInfo run) -> run.queued().orElse(Instant.MIN)))
        .toList();
  }

  private void work() {
    try {
      Files.createDirectories(runs.root());
      Path file = runs.root().resolve("queue.lock");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        while (!locked(channel)) {
          if (!await()) return;
        }
        do {
          while (!closed && next()) {
            log.debug("looking for the next run");
          }
        } while (await());
      }
    } catch (IOException e) {
      log.error("no training runs are taken from the queue: {} fails", runs.root(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException ownedByThisProcess) {
      return false;
    }
  }

  /** Trains the next run to its end; false if there is none, or another process still trains. */
  private boolean next() throws InterruptedException {
    try {
      List<RunInfo> all = runs.list();
      if (all.stream().anyMatch(run -> run.state() == RunState.RUNNING && isOfQueue(run))) {
        return false;
      }
      Optional<RunInfo> first = waiting().stream().findFirst();
      if (first.isEmpty()) return false;
      train(first.get());
      return true;
    } catch (UncheckedIOException | IllegalArgumentException e) {
      log.warn("the queue of training runs cannot be read: {}", e.getMessage());
      return false;
    }
  }

  private static boolean isOfQueue(RunInfo run) {
    return run.verb().equals(TRAIN) && run.queued().isPresent();
  }

  private void train(RunInfo run) throws InterruptedException {
    log.info("training run {} begins", run.id());
    try {
      Process started;
      synchronized (this) {
        if (closed) return;
        started = TrainingProcess.start(home, run.id(), run.folder());
        process = started;
      }
      int code = started.waitFor();
      synchronized (this) {
        process = null;
        if (closed) return; // its state says that it was interrupted
      }
      RunInfo after = runs.show(run.id());
      // one that was cancelled and put at the queue's end meanwhile waits for another turn
      if (after.isWaiting() && after.queued().equals(run.queued())) {
        runs.fail(
            run.id(),
            "its process ended with exit code %d before the run was done (see %s in its folder); resuming goes on from the last checkpoint"
                .formatted(code, TrainingProcess.OUTPUT));
      }
      log.info("training run {} is {}", run.id(), runs.show(run.id()).state().word());
    } catch (IOException e) {
      runs.fail(run.id(), "its process cannot be started: " + e.getMessage());
    }
  }

  private void lookAgain() {
    news.release();
  }

  /** Waits for news, or for a moment: others may change the folder; false if closed. */
  private boolean await() throws InterruptedException {
    if (!closed && news.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) news.drainPermits();
    return !closed;
  }

  /** Ends the run in work, which goes on when the queue is served again. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (process != null) process.destroy();
    }
    lookAgain();
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
