package io.otium.app.console;

import io.otium.lm.LanguageModel;
import io.otium.lm.engine.EngineStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The server's figures, sampled once a second and kept for ten minutes. */
final class LiveFigures implements AutoCloseable {
  static final int KEPT = 600;
  private static final Path STATUS = Path.of("/proc/self/status");

  /**
   * All models together at one moment.
   *
   * @param time seconds since 1970
   * @param generated tokens generated a second
   * @param prompt prompt tokens a second, those from the prefix cache not counted
   * @param running sequences in the batch
   * @param waiting requests in the queue
   * @param kvUsed cache slots held by sequences
   * @param kvTotal cache slots there are
   * @param resident bytes of this process in memory
   * @param weights bytes of weights
   * @param kvBytes bytes of caches
   */
  record Sample(
      long time,
      double generated,
      double prompt,
      int running,
      int waiting,
      long kvUsed,
      long kvTotal,
      long resident,
      long weights,
      long kvBytes) {}

  private final Supplier<List<LanguageModel>> models;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("console-figures").factory());
  private long lastNanos = System.nanoTime();
  private long lastGenerated = -1;
  private long lastPrompt;

  LiveFigures(Supplier<List<LanguageModel>> models) {
    this.models = models;
    clock.scheduleAtFixedRate(this::sample, 0, 1, TimeUnit.SECONDS);
  }

  /** Samples later than the time given, oldest first. */
  synchronized List<Sample> after(long time) {
    return samples.stream().filter(sample -> sample.time() > time).toList();
  }

  private void sample() {
    try {
      List<EngineStats> all = models.get().stream().map(LanguageModel::stats).toList();
      add(all, System.currentTimeMillis() / 1000, System.nanoTime());
    } catch (RuntimeException e) {
      // A model that closes just now has no figures; the next second has.
    }
  }

  private synchronized void add(List<EngineStats> all, long time, long nanos) {
    long generated = all.stream().mapToLong(EngineStats::generatedTokens).sum();
    long prompt =
        all.stream().mapToLong(stats -> stats.promptTokens() - stats.cachedTokens()).sum();
    double seconds = Math.max(1e-3, (nanos - lastNanos) / 1e9);
    boolean first = lastGenerated < 0;
    samples.addLast(
        new Sample(
            time,
            first ? 0 : Math.max(0, generated - lastGenerated) / seconds,
            first ? 0 : Math.max(0, prompt - lastPrompt) / seconds,
            all.stream().mapToInt(EngineStats::running).sum(),
            all.stream().mapToInt(EngineStats::waiting).sum(),
            all.stream().mapToLong(EngineStats::kvSlotsUsed).sum(),
            all.stream().mapToLong(EngineStats::kvSlotsTotal).sum(),
            resident(),
            all.stream().mapToLong(EngineStats::weightBytes).sum(),
            all.stream().mapToLong(EngineStats::kvBytes).sum()));
    if (samples.size() > KEPT) {
      samples.removeFirst();
    }
    lastNanos = nanos;
    lastGenerated = generated;
    lastPrompt = prompt;
  }

  /** Resident memory of this process; the heap in use where the system does not tell. */
  private static long resident() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
