package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.app.bench.BenchReport.Ratio;
import io.otium.app.bench.BenchReport.Row;
import io.otium.app.bench.BenchReport.Skipped;
import io.otium.app.bench.BenchReport.Verdict;
import io.otium.app.bench.Workload.Better;
import io.otium.core.run.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BenchReportTest {
  private static BenchReport report(Better better) {
    return new BenchReport(
        "prefill",
        new Machine("A processor", 2, 1 << 30, "Linux 6", "25"),
        0.1,
        "smol",
        2,
        3,
        List.of(
            new Row("otium int8", "0.1", "prefill 512", 2000, "tokens/s", List.of(1900.0, 2000.0)),
            new Row("peer", "7", "prefill 512", 800, "tokens/s", List.of(800.0))),
        List.of(new Ratio("prefill 512", "otium int8", "peer", 2.5, better)),
        List.of(
            new Verdict("prefill 512", "otium int8", "peer", 2.5, new Target(better, 2, 4, true))),
        List.of(new Skipped("jlama", "its jars are missing", "install it")));
  }

  @Test
  void jsonHasTheDocumentedShape() {
    var json = report(Better.HIGHER).toJson();
    assertThat(json.path("name").asText()).isEqualTo("prefill");
    assertThat(json.at("/machine/cpu").asText()).isEqualTo("A processor");
    assertThat(json.path("model").asText()).isEqualTo("smol");
    assertThat(json.at("/rows/0/system").asText()).isEqualTo("otium int8");
    assertThat(json.at("/rows/0/version").asText()).isEqualTo("0.1");
    assertThat(json.at("/rows/0/workload").asText()).isEqualTo("prefill 512");
    assertThat(json.at("/rows/0/value").asDouble()).isEqualTo(2000);
    assertThat(json.at("/rows/0/unit").asText()).isEqualTo("tokens/s");
    assertThat(json.at("/ratios/0/workload").asText()).isEqualTo("prefill 512");
    assertThat(json.at("/ratios/0/against").asText()).isEqualTo("peer");
    assertThat(json.at("/ratios/0/ratio").asDouble()).isEqualTo(2.5);
    assertThat(json.at("/ratios/0/better").asText()).isEqualTo("higher");
    assertThat(json.at("/asked/0/asked").asDouble()).isEqualTo(2);
    assertThat(json.at("/asked/0/measured").asDouble()).isEqualTo(2.5);
    assertThat(json.at("/asked/0/holds").asBoolean()).isTrue();
    assertThat(json.at("/skipped/0/system").asText()).isEqualTo("jlama");
  }

  @Test
  void theTableSaysWhichWayIsBetter() {
    assertThat(report(Better.HIGHER).table())
        .contains("otium int8  2,000 tokens/s  (1,900 to 2,000)")
        .contains("more than 1 is better")
        .contains("otium int8 / peer  2.50")
        .contains("2.50  at least 2.00, aim 4.00  reached")
        .contains("skipped jlama: its jars are missing")
        .contains("→ install it");
    assertThat(report(Better.LOWER).table())
        .contains("less than 1 is better")
        .contains("2.50  at most 2.00, aim 4.00  missed");
  }

  @Test
  void numbersShowTheirFirstDigits() {
    assertThat(BenchReport.number(12345.6)).isEqualTo("12,346");
    assertThat(BenchReport.number(123.456)).isEqualTo("123.5");
    assertThat(BenchReport.number(0.00012)).isEqualTo("0.000120");
    assertThat(BenchReport.number(Double.NaN)).isEqualTo("–");
  }

  @Test
  void mediansAreMediansAndNotMeans() {
    assertThat(Median.of(100, 1, 2)).isEqualTo(2);
    assertThat(Median.of(1, 2, 4, 100)).isEqualTo(3);
  }
}
