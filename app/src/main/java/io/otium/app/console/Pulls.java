package io.otium.app.console;

import io.otium.app.console.ConsoleModels.Pull;
import io.otium.lm.hub.InstalledModel;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.ProgressListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models on their way, each fetched by a thread of its own. */
final class Pulls {
  private static final Logger LOG = LoggerFactory.getLogger(Pulls.class);
  private static final int KEPT = 20;

  private final Models models;
  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private final AtomicLong ids = new AtomicLong();

  Pulls(Models models) {
    this.models = models;
  }

  /** Newest first. */
  List<Pull> all() {
    return tasks.stream().map(Task::now).toList();
  }

  /** Begins to fetch, unless the same source is being fetched already. */
  Pull begin(String source) {
    for (Task task : tasks) {
      if (task.source.equals(source) && task.now().running()) {
        return task.now();
      }
    }
    Task task = new Task(ids.incrementAndGet(), source);
    tasks.addFirst(task);
    while (tasks.size() > KEPT && !tasks.getLast().now().running()) {
      tasks.removeLast();
    }
    Thread.ofVirtual().name("console-pull-" + task.id).start(task);
    return task.now();
  }

  void cancel(long id) {
    tasks.stream().filter(task -> task.id == id).forEach(task -> task.cancelled = true);
  }

  private final class Task implements Runnable, ProgressListener {
    private final long id;
    private final String source;
    private final Map<String, Long> arrived = new LinkedHashMap<>();
    private final Map<String, Long> sizes = new LinkedHashMap<>();
    private volatile boolean cancelled;
    private Pull.State state = Pull.State.RUNNING;
    private String file = "";
    private String message = "";

    Task(long id, String source) {
      this.id = id;
      this.source = source;
    }

    @Override
    public void run() {
      try {
        InstalledModel model = models.pull(source, this);
        end(Pull.State.DONE, model.id());
      } catch (CancellationException e) {
        end(Pull.State.CANCELLED, "");
      } catch (RuntimeException e) { // PullException says a sentence
        LOG.warn("the pull of {} failed: {}", source, e.getMessage());
        end(Pull.State.FAILED, String.valueOf(e.getMessage()));
      }
    }

    @Override
    public synchronized void onStart(String from, List<FileSize> files) {
      arrived.clear();
      sizes.clear();
      files.forEach(size -> sizes.put(size.name(), size.bytes()));
    }

    @Override
    public synchronized void onProgress(String name, long done, long total) {
      file = name;
      arrived.put(name, done);
      if (total >= 0) {
        sizes.put(name, total);
      }
    }

    @Override
    public boolean cancelled() {
      return cancelled;
    }

    private synchronized void end(Pull.State how, String what) {
      state = how;
      message = what;
      file = "";
    }

    synchronized Pull now() {
      long done = arrived.values().stream().mapToLong(Long::longValue).sum();
      boolean known = sizes.values().stream().allMatch(size -> size >= 0);
      long total = known ? sizes.values().stream().mapToLong(Long::longValue).sum() : 0;
      return new Pull(id, source, state, file, done, total, message);
    }
  }
}
