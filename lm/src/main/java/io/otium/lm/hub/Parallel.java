package io.otium.lm.hub;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs tasks at once; the first that fails ends the others, and its failure is thrown. */
final class Parallel {
  private Parallel() {}

  static void run(List<? extends Callable<?>> tasks) throws java.io.IOException {
    if (tasks.size() == 1) {
      call(tasks.getFirst());
      return;
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var done = new ExecutorCompletionService<Object>(threads);
      tasks.forEach(
          task ->
              done.submit(
                  () -> {
                    task.call();
                    return "done";
                  }));
      try {
        for (int i = 0; i < tasks.size(); i++) {
          done.take().get();
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        rethrow(e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new CancellationException("The pull was interrupted");
      }
    }
  }

  private static void call(Callable<?> task) throws java.io.IOException {
    try {
      task.call();
    } catch (Exception e) {
      rethrow(e);
    }
  }

  private static void rethrow(Throwable error) throws java.io.IOException {
    switch (error) {
      case java.io.IOException io -> throw io;
      case RuntimeException run -> throw run;
      case Error fatal -> throw fatal;
      default -> throw new IllegalStateException(error);
    }
  }
}
