package io.otium.core.checkpoint;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First in, first out, between threads. A worker looks at the first item, does its work, and only
 * then removes it: an empty queue means that all work is done.
 */
final class WorkQueue<T> {
  private final ArrayDeque<T> items = new ArrayDeque<>();
  private boolean closed;

  synchronized void add(T item) {
    items.addLast(item);
    notifyAll();
  }

  /** The first item, which stays; waits for one; null once the queue is closed and empty. */
  synchronized @Nullable T first() throws InterruptedException {
    while (items.isEmpty() && !closed) {
      wait();
    }
    return items.peekFirst();
  }

  synchronized void removeFirst() {
    items.removeFirst();
    notifyAll();
  }

  synchronized void awaitEmpty() throws InterruptedException {
    while (!items.isEmpty()) {
      wait();
    }
  }

  /**
   * @param deadline by {@link System#nanoTime}
   * @return whether it was empty in time
   */
  synchronized boolean awaitEmpty(long deadline) throws InterruptedException {
    while (!items.isEmpty()) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }

  /** No more items will come. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized List<T> items() {
    return List.copyOf(items);
  }
}
