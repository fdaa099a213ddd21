package io.otium.app.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.bench.Workload.Better;
import io.otium.core.run.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a benchmark found.
 *
 * @param name the workload
 * @param load the machine's load when it began: processes that wanted to run, mean of a minute;
 *     negative if unknown
 */
public record BenchReport(
    String name,
    Machine machine,
    double load,
    String model,
    int threads,
    int rounds,
    List<Row> rows,
    List<Ratio> ratios,
    List<Verdict> verdicts,
    List<Skipped> skipped) {

  public BenchReport {
    rows = List.copyOf(rows);
    ratios = List.copyOf(ratios);
    verdicts = List.copyOf(verdicts);
    skipped = List.copyOf(skipped);
  }

  /**
   * A system's median.
   *
   * @param samples of each round, in order
   */
  public record Row(
      String system,
      String version,
      String workload,
      double value,
      String unit,
      List<Double> samples) {
    public Row {
      samples = List.copyOf(samples);
    }
  }

  /**
   * Otium's value by a peer's.
   *
   * @param system which of Otium's arms
   * @param against the peer's arm
   * @param better whether more or less is better
   */
  public record Ratio(
      String workload, String system, String against, double ratio, Better better) {}

  /**
   * A figure that Otium is asked to reach, and what was measured.
   *
   * @param against the best peer; empty if the figure is no ratio
   */
  public record Verdict(
      String workload, String system, String against, double measured, Target target) {
    public boolean holds() {
      return target.holds(measured);
    }
  }

  /** Several reports of one benchmark as one; the first says when it began. */
  static BenchReport joined(List<BenchReport> parts) {
    BenchReport first = parts.getFirst();
    return new BenchReport(
        first.name,
        first.machine,
        first.load,
        first.model,
        first.threads,
        first.rounds,
        parts.stream().flatMap(part -> part.rows.stream()).toList(),
        parts.stream().flatMap(part -> part.ratios.stream()).toList(),
        parts.stream().flatMap(part -> part.verdicts.stream()).toList(),
        parts.stream().flatMap(part -> part.skipped.stream()).distinct().toList());
  }

  /** A peer that was not measured. */
  public record Skipped(String system, String why, String fix) {}

  /**
   * What {@code bench NAME --json} prints: {@code {name, machine, model, rows: [{system, version,
   * workload, value, unit, samples}], ratios: [{workload, system, against, ratio, better}], asked:
   * [{workload, system, against, measured, asked, aim, better, holds}], skipped: [{system, why,
   * fix}], load, threads, rounds}}.
   */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", name);
    json.set("machine", machine.toJson());
    json.put("model", model);
    ArrayNode rowsJson = json.putArray("rows");
    for (Row row : rows) {
      ObjectNode node = rowsJson.addObject();
      node.put("system", row.system()).put("version", row.version());
      node.put("workload", row.workload()).put("value", row.value()).put("unit", row.unit());
      row.samples().forEach(node.putArray("samples")::add);
    }
    ArrayNode ratiosJson = json.putArray("ratios");
    for (Ratio ratio : ratios) {
      ObjectNode node = ratiosJson.addObject();
      node.put("workload", ratio.workload()).put("system", ratio.system());
      node.put("against", ratio.against()).put("ratio", ratio.ratio());
      node.put("better", ratio.better().name().toLowerCase(Locale.ROOT));
    }
    ArrayNode asked = json.putArray("asked");
    for (Verdict verdict : verdicts) {
      ObjectNode node = asked.addObject();
      node.put("workload", verdict.workload()).put("system", verdict.system());
      node.put("against", verdict.against()).put("measured", verdict.measured());
      node.put("asked", verdict.target().asked()).put("aim", verdict.target().aim());
      node.put("better", verdict.target().better().name().toLowerCase(Locale.ROOT));
      node.put("holds", verdict.holds());
    }
    ArrayNode skippedJson = json.putArray("skipped");
    for (Skipped peer : skipped) {
      ObjectNode node = skippedJson.addObject();
      node.put("system", peer.system()).put("why", peer.why()).put("fix", peer.fix());
    }
    return json.put("load", load).put("threads", threads).put("rounds", rounds);
  }

  /** For a terminal: a row for each system and workload, the ratios, and who was left out. */
  public String table() {
    StringBuilder text = new StringBuilder();
    text.append("%s · %s · %d threads · medians of %d%n".formatted(name, model, threads, rounds));
    text.append("%s, %s, Java %s%n%n".formatted(machine.cpu(), machine.os(), machine.java()));
    List<List<String>> cells = new ArrayList<>();
    for (Row row : rows) {
      cells.add(
          List.of(
              row.workload(), row.system(), number(row.value()) + " " + row.unit(), range(row)));
    }
    text.append(aligned(cells));
    for (Better better : Better.values()) text.append(ratios(better));
    if (!verdicts.isEmpty()) text.append("%nasked%n".formatted()).append(verdictTable());
    for (Skipped peer : skipped) {
      text.append("%nskipped %s: %s%n  → %s%n".formatted(peer.system(), peer.why(), peer.fix()));
    }
    return text.toString();
  }

  private String ratios(Better better) {
    List<List<String>> cells =
        ratios.stream()
            .filter(ratio -> ratio.better() == better)
            .map(
                ratio ->
                    List.of(
                        ratio.workload(),
                        ratio.system() + " / " + ratio.against(),
                        ratio(ratio.ratio())))
            .toList();
    if (cells.isEmpty()) return "";
    String direction = better == Better.HIGHER ? "more than 1" : "less than 1";
    return "%nOtium / peer, %s is better for Otium%n".formatted(direction) + aligned(cells);
  }

  private String verdictTable() {
    return aligned(
        verdicts.stream()
            .map(
                verdict -> {
                  Target target = verdict.target();
                  String against = verdict.against().isEmpty() ? "" : " / " + verdict.against();
                  String word = target.better() == Better.HIGHER ? "at least" : "at most";
                  return List.of(
                      verdict.workload(),
                      verdict.system() + against,
                      ratio(verdict.measured()),
                      "%s %s, aim %s".formatted(word, ratio(target.asked()), ratio(target.aim())),
                      verdict.holds() ? "reached" : "missed");
                })
            .toList());
  }

  /** The least and the most of the rounds. */
  private static String range(Row row) {
    if (row.samples().size() < 2) return "";
    double least = row.samples().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = row.samples().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return "(%s to %s)".formatted(number(least), number(most));
  }

  /** Four digits that count, or all before the point. */
  static String number(double value) {
    if (!Double.isFinite(value)) return "–";
    double size = Math.abs(value);
    int decimals = size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 6;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Two decimals, unless these would be nothing. */
  private static String ratio(double value) {
    return value >= 0.1 ? String.format(Locale.ROOT, "%.2f", value) : number(value);
  }

  private static String aligned(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < row.size(); c++) widths[c] = Math.max(widths[c], row.get(c).length());
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        // Words to the left, numbers to the right.
        String format = c < 2 ? "%-" + widths[c] + "s  " : "%" + Math.max(1, widths[c]) + "s  ";
        line.append(format.formatted(row.get(c)));
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
