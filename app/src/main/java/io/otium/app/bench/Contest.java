package io.otium.app.bench;

import io.otium.app.bench.BenchReport.Ratio;
import io.otium.app.bench.BenchReport.Row;
import io.otium.app.bench.BenchReport.Skipped;
import io.otium.app.bench.BenchReport.Verdict;
import io.otium.app.bench.Workload.Better;
import io.otium.core.run.Machine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a workload on every contestant, in turn: A B C, A B C, … so that what the machine does
 * meanwhile falls on all of them. A peer that is absent or fails is named as skipped; a failure of
 * Otium's own ends the benchmark.
 */
final class Contest {
  private final Workload workload;
  private final Setting setting;
  private final List<Arm> arms = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final Map<Arm, Map<String, List<Double>>> samples = new LinkedHashMap<>();

  Contest(Workload workload, Setting setting) {
    this.workload = workload;
    this.setting = setting;
  }

  BenchReport run(List<? extends Contestant> contestants, int rounds) throws IOException {
    double load = Load.now();
    for (Contestant contestant : contestants) enter(contestant);
    for (int round = 1; round <= rounds; round++) {
      for (Arm arm : List.copyOf(arms)) {
        setting.progress().accept("round %d of %d: %s".formatted(round, rounds, arm.system()));
        measure(arm);
      }
    }
    List<Row> rows = rows();
    return new BenchReport(
        workload.name(),
        Machine.here(),
        load,
        setting.model(),
        setting.threads(),
        rounds,
        rows,
        ratios(rows),
        verdicts(rows),
        skipped);
  }

  private void enter(Contestant contestant) throws IOException {
    if (!contestant.measures(workload)) return;
    var missing = contestant.missing();
    if (missing.isPresent()) {
      skipped.add(new Skipped(contestant.name(), missing.get().what(), missing.get().fix()));
      return;
    }
    try {
      arms.addAll(contestant.arms(workload, setting));
    } catch (BenchException e) {
      if (contestant instanceof Otium) throw e;
      skipped.add(failed(contestant.name(), e));
    }
  }

  private void measure(Arm arm) throws IOException {
    try {
      Map<String, List<Double>> of = samples.computeIfAbsent(arm, any -> new LinkedHashMap<>());
      arm.measure()
          .run()
          .forEach(
              (label, value) -> of.computeIfAbsent(label, any -> new ArrayList<>()).add(value));
    } catch (BenchException e) {
      if (arm.own()) throw e;
      arms.remove(arm);
      samples.remove(arm);
      skipped.add(failed(arm.system(), e));
    }
  }

  private static Skipped failed(String system, BenchException e) {
    return new Skipped(
        system, String.valueOf(e.getMessage()), "see ./otium bench peers for what is installed");
  }

  /** By workload first, for the eye to compare. */
  private List<Row> rows() {
    List<String> labels =
        samples.values().stream().flatMap(of -> of.keySet().stream()).distinct().toList();
    List<Row> rows = new ArrayList<>();
    for (String label : labels) {
      for (Arm arm : arms) {
        List<Double> values = samples.getOrDefault(arm, Map.of()).get(label);
        if (values == null) continue;
        rows.add(
            new Row(
                arm.system(),
                arm.version(),
                label,
                Median.of(values),
                workload.unit(label),
                values));
      }
    }
    return rows;
  }

  private List<Ratio> ratios(List<Row> rows) {
    List<Ratio> ratios = new ArrayList<>();
    for (Row own : rows) {
      for (Row peer : compared(own, rows)) {
        ratios.add(
            new Ratio(
                own.workload(),
                own.system(),
                peer.system(),
                own.value() / peer.value(),
                workload.better(own.workload())));
      }
    }
    return ratios;
  }

  /** The peers' rows that a row of Otium's is compared with; none for a row of a peer's. */
  private List<Row> compared(Row own, List<Row> rows) {
    Arm ownArm = arm(own);
    if (!ownArm.own()) return List.of();
    return rows.stream()
        .filter(row -> row.workload().equals(own.workload()))
        .filter(row -> !arm(row).own() && arm(row).weights().containsAll(ownArm.weights()))
        .toList();
  }

  /** Against the best peer where the target is a ratio, else of the row itself. */
  private List<Verdict> verdicts(List<Row> rows) {
    List<Verdict> verdicts = new ArrayList<>();
    for (Row row : rows) {
      Target target = workload.target(row.workload()).orElse(null);
      if (target == null) continue;
      if (!target.ofRatio()) {
        verdicts.add(new Verdict(row.workload(), row.system(), "", row.value(), target));
        continue;
      }
      Comparator<Row> byValue = Comparator.comparingDouble(Row::value);
      compared(row, rows).stream()
          .min(target.better() == Better.LOWER ? byValue : byValue.reversed())
          .ifPresent(
              best ->
                  verdicts.add(
                      new Verdict(
                          row.workload(),
                          row.system(),
                          best.system(),
                          row.value() / best.value(),
                          target)));
    }
    return verdicts;
  }

  private Arm arm(Row row) {
    return arms.stream().filter(arm -> arm.system().equals(row.system())).findFirst().orElseThrow();
  }
}
