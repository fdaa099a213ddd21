package io.otium.papers.datastates;

import io.otium.core.checkpoint.CheckpointOptions;
import io.otium.core.checkpoint.CheckpointReport;
import io.otium.core.tensor.Threads;
import io.otium.papers.Experiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * DataStates-LLM (HPDC 2024, arXiv 2406.10707): how long a training of 8 million parameters with
 * AdamW, 95 MB of state, stands still for its checkpoints, when both hops are slowed down to the
 * proportions of a GPU cluster: memory to buffer at 300 MB/s, buffer to disk at 150 MB/s, against
 * half a second of forward and backward pass. Computing is real; only the hops are paced, and files
 * are not forced to the medium, since the pace stands for the disk.
 *
 * <p>Of the seeds' times the smaller counts, since what else runs on a machine only adds. Predicted
 * stalls: S/B01 + S/B12 synchronously, S/B01 by snapshot-then-flush, none lazily.
 */
public final class DataStates implements Experiment {
  private static final double COPY = 300e6;
  private static final double WRITE = 150e6;
  private static final String PUBLISHED =
      "7B, 50 iterations with a checkpoint each: 631 s synchronous, 282 s lazy";
  private static final String THROUGHPUT =
      "30B, blocked time: 48 times less than synchronous, 4.1 times less than snapshot-then-flush";
  private static final String NONE = "not published; follows from the method";

  private final SmallTransformer.Size size;
  private final double passSeconds;

  public DataStates() {
    this(SmallTransformer.Size.EIGHT_MILLION, 0.5);
  }

  /**
   * @param passSeconds how long a forward and backward pass is to take; the batch is as large
   */
  DataStates(SmallTransformer.Size size, double passSeconds) {
    this.size = size;
    this.passSeconds = passSeconds;
  }

  @Override
  public String id() {
    return "datastates";
  }

  @Override
  public String title() {
    return "How long checkpoints hold up a training, and whether they are whole";
  }

  /** A way to checkpoint, measured. */
  private record Variant(String mode, int interval) {
    String arm() {
      return mode + " k=" + interval;
    }

    CheckpointOptions options() {
      return CheckpointOptions.every(interval)
          .with(
              Map.of(
                  "mode",
                  mode,
                  "fsync",
                  false,
                  "throttle_copy",
                  (long) COPY,
                  "throttle_write",
                  (long) WRITE));
    }

    /** Seconds that the formulas give for a checkpoint of {@code bytes}. */
    double predictedStall(double bytes, double pass, double iteration) {
      double copy = bytes / COPY;
      double write = bytes / WRITE;
      double between = interval * iteration;
      return switch (mode) {
        case "sync" -> copy + write;
        case "snapshot-then-flush" -> copy + Math.max(0, write - between);
        default -> Math.max(Math.max(0, copy - pass), write - between);
      };
    }
  }

  private static final List<Variant> VARIANTS =
      List.of(
          new Variant("sync", 3),
          new Variant("snapshot-then-flush", 3),
          new Variant("lazy", 3),
          new Variant("sync", 1),
          new Variant("snapshot-then-flush", 1),
          new Variant("lazy", 1));

  @Override
  public Outcome run(Setting setting) {
    int iterations = setting.quick() ? 7 : 30;
    try (Threads threads = new Threads(Runtime.getRuntime().availableProcessors())) {
      int batch = batch(setting);
      Measurements measured = new Measurements();
      for (int seed = 0; seed < setting.seeds(); seed++) {
        measure(setting, seed, batch, iterations, measured);
      }
      Safety safety = Safety.of(size, Math.max(1, batch / 8), setting, scratch(setting));
      return outcome(measured, safety);
    }
  }

  private static Path scratch(Setting setting) {
    return setting.run().folder().resolve("checkpoints");
  }

  /** So many texts that a forward and backward pass takes as long as it is to. */
  private int batch(Setting setting) {
    int trial = 4;
    try (SmallTransformer model = new SmallTransformer(size, trial, 0)) {
      TrainingRun.plain(model, 1, 2, setting.run());
      double pass = TrainingRun.plain(model, 3, 5, setting.run()).passSeconds();
      return (int) Math.max(1, Math.round(trial * passSeconds / pass));
    }
  }

  /** What came out of all seeds: the faster of each variant, and whether all losses agree. */
  private static final class Measurements {
    private final Map<String, TrainingRun> best = new LinkedHashMap<>();
    private double bytes;
    private long differing;

    void add(String arm, TrainingRun run, TrainingRun reference) {
      best.merge(arm, run, (a, b) -> a.allSeconds() <= b.allSeconds() ? a : b);
      differing += differing(run.losses(), reference.losses());
    }

    TrainingRun of(String arm) {
      TrainingRun run = best.get(arm);
      if (run == null) {
        throw new IllegalStateException("no arm " + arm);
      }
      return run;
    }

    CheckpointReport report(Variant variant) {
      CheckpointReport report = of(variant.arm()).checkpoints();
      if (report == null) {
        throw new IllegalStateException(variant.arm() + " has no checkpoints");
      }
      return report;
    }
  }

  /** How many losses are not the same to the bit. */
  static long differing(List<Double> losses, List<Double> others) {
    long count = Math.abs(losses.size() - others.size());
    for (int i = 0; i < Math.min(losses.size(), others.size()); i++) {
      count += losses.get(i).equals(others.get(i)) ? 0 : 1;
    }
    return count;
  }

  private void measure(Setting setting, int seed, int batch, int iterations, Measurements into) {
    TrainingRun plain;
    try (SmallTransformer model = new SmallTransformer(size, batch, seed)) {
      into.bytes = model.stateBytes();
      plain = TrainingRun.plain(model, 1, iterations, setting.run());
    }
    into.add("none", plain, plain);
    setting.run().metric(seed, Map.of("seconds.none", plain.allSeconds()));
    for (Variant variant : VARIANTS) {
      Path folder = scratch(setting);
      try (SmallTransformer model = new SmallTransformer(size, batch, seed)) {
        TrainingRun run =
            TrainingRun.checkpointed(
                model, iterations, variant.options(), folder, true, v -> {}, setting.run());
        into.add(variant.arm(), run, plain);
        setting.run().metric(seed, Map.of("seconds." + variant.arm(), run.allSeconds()));
      } finally {
        Folders.delete(folder);
      }
    }
  }

  private Outcome outcome(Measurements measured, Safety safety) {
    TrainingRun none = measured.of("none");
    double iteration = none.loopSeconds() / none.losses().size();
    List<Arm> arms = new ArrayList<>();
    Map<String, Double> stalls = new TreeMap<>();
    double worstError = 0;
    for (Variant variant : VARIANTS) {
      CheckpointReport report = measured.report(variant);
      double predicted = variant.predictedStall(measured.bytes, none.passSeconds(), iteration);
      arms.add(arm(variant.arm(), measured.of(variant.arm()), predicted, report));
      stalls.put(variant.arm(), report.stallSeconds());
      if (variant.interval() == 3) {
        double off = Math.abs(report.stallSeconds() - predicted);
        worstError = Math.max(worstError, off / (0.3 * predicted + 0.05));
      }
    }
    double lazy = stalls.getOrDefault("lazy k=3", Double.NaN);
    List<Claim> claims = new ArrayList<>();
    claims.add(
        Claim.atMost(
            "stall, lazy to synchronous, k=3",
            THROUGHPUT,
            lazy / stalls.getOrDefault("sync k=3", Double.NaN),
            0.15));
    claims.add(
        Claim.atMost(
            "stall, lazy to snapshot-then-flush, k=3",
            THROUGHPUT,
            lazy / stalls.getOrDefault("snapshot-then-flush k=3", Double.NaN),
            0.4));
    claims.add(
        Claim.atMost("stalls off their formulas, of 30 % + 50 ms, k=3", NONE, worstError, 1));
    claims.add(
        Claim.atMost(
            "overhead of lazy checkpoints, k=3",
            NONE,
            measured.of("lazy k=3").loopSeconds() / none.loopSeconds() - 1,
            0.08));
    claims.add(
        Claim.atLeast(
            "lazy faster than synchronous end to end, k=1",
            PUBLISHED,
            measured.of("sync k=1").allSeconds() / measured.of("lazy k=1").allSeconds(),
            1.6));
    claims.add(Claim.atMost("losses that differ between the modes", NONE, measured.differing, 0));
    claims.addAll(safety.claims());
    arms.add(arm("none", none, 0, null));
    return new Outcome(
        claims,
        arms,
        new Figure("Time that a checkpoint holds training up", "stallSeconds", "seconds"));
  }

  private static Arm arm(
      String name, TrainingRun run, double predictedStall, @Nullable CheckpointReport report) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("stallSeconds", report == null ? 0 : report.stallSeconds());
    metrics.put("predictedStall", predictedStall);
    metrics.put("longestStall", report == null ? 0 : report.longestStallSeconds());
    metrics.put("secondsPerIteration", run.loopSeconds() / run.losses().size());
    metrics.put("secondsInAll", run.allSeconds());
    metrics.put("passSeconds", run.passSeconds());
    metrics.put("updateSeconds", run.updateSeconds());
    metrics.put("lastLoss", run.losses().getLast());
    if (report != null) {
      metrics.put("effectiveMBs", report.effectiveBytesPerSecond() / 1e6);
      metrics.put("copyMBs", report.copyBytesPerSecond() / 1e6);
      metrics.put("writeMBs", report.writeBytesPerSecond() / 1e6);
      metrics.put("ringMB", report.ringHighWater() / 1e6);
    }
    return new Arm(name, metrics);
  }
}
