package io.otium.core.checkpoint;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import java.util.ArrayList;
import java.util.List;

/** A listener that remembers, and on which a test can wait. */
final class Events implements CheckpointListener {
  private final List<CheckpointEvent> all = new ArrayList<>();

  @Override
  public synchronized void onEvent(CheckpointEvent event) {
    all.add(event);
    notifyAll();
  }

  synchronized CheckpointEvent await(Kind kind, long version) throws InterruptedException {
    while (true) {
      for (CheckpointEvent event : all) {
        if (event.kind() == kind && event.version() == version) {
          return event;
        }
      }
      wait();
    }
  }

  synchronized List<Kind> kinds(long version) {
    return all.stream()
        .filter(event -> event.version() == version)
        .map(CheckpointEvent::kind)
        .toList();
  }
}
