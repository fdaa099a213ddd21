package io.otium.app.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests for a model that are in work: bounds them, and waits for them when the server stops.
 */
public final class Traffic {
  private final int bound;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private int unsent;
  private final Set<Visit> visits = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  Traffic(int bound) {
    this.bound = bound;
  }

  /** One request in work; closing it makes room for the next. */
  final class Visit implements AutoCloseable {
    private volatile boolean cutOff;

    /** Whether the server's grace is over and the answer must end now. */
    boolean isCutOff() {
      return cutOff;
    }

    @Override
    public void close() {
      visits.remove(this);
    }

    /** The answer has left, or never will: a stopping server need not wait for it. */
    void sent() {
      lock.lock();
      try {
        unsent--;
        if (unsent == 0) empty.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lets a request in, whose visit must be closed and later be {@linkplain Visit#sent sent}.
   *
   * @throws ApiException 429 if too many are in work, 503 if the server is stopping
   */
  Visit enter() {
    lock.lock();
    try {
      if (stopping) throw ApiException.stopping();
      if (visits.size() >= bound) {
        throw ApiException.tooManyRequests(
            visits.size() + " requests are in work, the most that this server takes");
      }
      var visit = new Visit();
      visits.add(visit);
      unsent++;
      return visit;
    } finally {
      lock.unlock();
    }
  }

  /** Requests in work or waiting for a model. */
  public int inWork() {
    return visits.size();
  }

  public boolean isStopping() {
    return stopping;
  }

  /** Lets nobody in any more, waits for those inside, then tells the rest to leave. */
  void drain(long graceMillis, long cutOffMillis) {
    stopping = true;
    if (!awaitEmpty(graceMillis)) {
      visits.forEach(visit -> visit.cutOff = true);
      awaitEmpty(cutOffMillis);
    }
  }

  private boolean awaitEmpty(long millis) {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (unsent > 0) {
        if (left <= 0) return false;
        left = empty.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
