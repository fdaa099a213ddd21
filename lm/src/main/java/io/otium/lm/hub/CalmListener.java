package io.otium.lm.hub;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** Passes calls on one at a time, and progress only as often as an eye can follow. */
final class CalmListener implements ProgressListener {
  private static final long PAUSE_NANOS = 100_000_000;

  private final ProgressListener listener;
  private final Map<String, Long> lastTold = new HashMap<>();

  CalmListener(ProgressListener listener) {
    this.listener = listener;
  }

  @Override
  public synchronized void onStart(String source, List<FileSize> files) {
    lastTold.clear();
    listener.onStart(source, files);
  }

  /**
   * @throws CancellationException if the listener cancelled, which ends the work that calls this
   */
  @Override
  public synchronized void onProgress(String file, long done, long total) {
    if (listener.cancelled()) {
      throw new CancellationException("The pull was cancelled; what has arrived is kept");
    }
    long now = System.nanoTime();
    Long last = lastTold.get(file);
    if (last == null || now - last >= PAUSE_NANOS || done == total) {
      lastTold.put(file, now);
      listener.onProgress(file, done, total);
    }
  }

  @Override
  public synchronized void onNote(String sentence) {
    listener.onNote(sentence);
  }

  @Override
  public boolean cancelled() {
    return listener.cancelled();
  }
}
