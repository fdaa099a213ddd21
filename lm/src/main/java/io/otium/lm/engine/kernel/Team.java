package io.otium.lm.engine.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that run one task together, meeting at barriers. The caller is worker 0;
 * the others spin for a moment between tasks and park when nothing comes. Tasks run one at a time,
 * from one calling thread.
 */
public final class Team implements AutoCloseable {
  /** What every worker of the team runs. */
  @FunctionalInterface
  public interface Task {
    void run(int worker);
  }

  /**
   * Long enough to bridge the gap between two decode steps (sampling, delivery), short enough to
   * idle at no cost.
   */
  private static final int SPINS_BEFORE_PARKING = 100_000;

  /** When another process holds a core, spinning on only delays the one waited for. */
  private static final int SPINS_BEFORE_YIELDING = 100_000;

  private final int size;
  private final Thread[] threads;
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger finished = new AtomicInteger();
  private volatile int barrier;
  private volatile int round;
  private volatile boolean closed;
  private volatile boolean broken;
  private @Nullable Task task;
  private volatile @Nullable Throwable failure;

  public Team(int size) {
    if (size < 1) throw new IllegalArgumentException("a team has at least 1 worker, not " + size);
    this.size = size;
    this.threads = new Thread[size - 1];
    for (int i = 1; i < size; i++) {
      int worker = i;
      threads[i - 1] =
          Thread.ofPlatform().name("otium-worker-" + i).daemon().unstarted(() -> work(worker));
      threads[i - 1].start();
    }
  }

  public int size() {
    return size;
  }

  /**
   * Runs the task on every worker and returns when all have finished; throws what a worker threw.
   */
  public void run(Task task) {
    if (size == 1) {
      task.run(0);
      return;
    }
    this.task = task;
    failure = null;
    broken = false;
    arrived.set(0);
    finished.set(0);
    round = round + 1; // only the calling thread writes it
    for (Thread thread : threads) LockSupport.unpark(thread);
    runGuarded(task, 0);
    for (int spins = 0; finished.get() < size; spins++) pause(spins);
    Throwable thrown = failure;
    if (thrown instanceof RuntimeException exception) throw exception;
    if (thrown instanceof Error error) throw error;
  }

  /** Waits until every worker of the running task has come here. */
  public void barrier() {
    if (size == 1) return;
    int phase = barrier;
    if (arrived.incrementAndGet() == size) {
      arrived.set(0);
      barrier = phase + 1;
      return;
    }
    for (int spins = 0; barrier == phase; spins++) {
      if (broken) throw new IllegalStateException("another worker failed");
      pause(spins);
    }
  }

  private static void pause(int spins) {
    if (spins < SPINS_BEFORE_YIELDING) Thread.onSpinWait();
    else Thread.yield();
  }

  private void work(int worker) {
    int seen = 0;
    while (true) {
      for (int spins = 0; round == seen; spins++) {
        if (closed) return;
        if (spins < SPINS_BEFORE_PARKING) pause(spins);
        else LockSupport.park(this);
      }
      seen = round;
      Task current = task;
      if (current != null) runGuarded(current, worker);
    }
  }

  private void runGuarded(Task current, int worker) {
    try {
      current.run(worker);
    } catch (Throwable thrown) {
      if (!broken) failure = thrown;
      broken = true;
    } finally {
      finished.incrementAndGet();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) LockSupport.unpark(thread);
  }
}
