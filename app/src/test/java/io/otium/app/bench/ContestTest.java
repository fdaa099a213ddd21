package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.app.bench.BenchReport.Ratio;
import io.otium.app.bench.BenchReport.Skipped;
import io.otium.app.bench.Workload.Better;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContestTest {
  @TempDir Path folder;
  private final List<String> turns = new ArrayList<>();

  /** A contestant with one arm, whose rounds give these numbers; NaN fails. */
  private Contestant contestant(String system, boolean own, Set<String> weights, double... values) {
    Iterator<Double> rounds = java.util.Arrays.stream(values).boxed().iterator();
    Arm.Measure measure =
        () -> {
          turns.add(system);
          double value = rounds.next();
          if (Double.isNaN(value)) throw new BenchException(system + " ended with code 3");
          return Map.of("prefill 512", value);
        };
    return new Contestant() {
      @Override
      public String name() {
        return system;
      }

      @Override
      public Optional<Missing> missing() {
        return Optional.empty();
      }

      @Override
      public List<Arm> arms(Workload workload, Setting setting) {
        return List.of(new Arm(system, "1", own, weights, measure));
      }
    };
  }

  private BenchReport run(int rounds, Contestant... contestants) throws IOException {
    Path model = Files.writeString(folder.resolve("model.gguf"), "");
    var files = new SameWeights(model, new PeersFolder(folder), any -> {});
    var setting =
        new Setting(
            "model", files, List.of("int8"), 2, true, folder, "1", any -> folder, any -> {});
    return new Contest(new Workload.Prefill(List.of(512)), setting)
        .run(List.of(contestants), rounds);
  }

  @Test
  void systemsTakeTurnsAndMediansCount() throws IOException {
    BenchReport report =
        run(
            3,
            contestant("otium int8", true, Set.of("int8"), 90, 300, 100),
            contestant("peer", false, Set.of("int8"), 50, 40, 1000));
    assertThat(turns)
        .containsExactly("otium int8", "peer", "otium int8", "peer", "otium int8", "peer");
    assertThat(report.rows()).extracting(BenchReport.Row::value).containsExactly(100.0, 50.0);
    assertThat(report.rows().getFirst().samples()).containsExactly(90.0, 300.0, 100.0);
    assertThat(report.ratios())
        .containsExactly(new Ratio("prefill 512", "otium int8", "peer", 2.0, Better.HIGHER));
  }

  @Test
  void onlyEqualBitsAreCompared() throws IOException {
    BenchReport report =
        run(
            1,
            contestant("otium int8", true, Set.of("int8"), 8),
            contestant("otium int4", true, Set.of("int4"), 4),
            contestant("q4", false, Set.of("int4"), 2),
            contestant("any", false, Set.of("int4", "int8"), 1));
    assertThat(report.ratios())
        .containsExactly(
            new Ratio("prefill 512", "otium int8", "any", 8, Better.HIGHER),
            new Ratio("prefill 512", "otium int4", "q4", 2, Better.HIGHER),
            new Ratio("prefill 512", "otium int4", "any", 4, Better.HIGHER));
  }

  @Test
  void aPeerThatFailsIsNamedAndLeavesNoRow() throws IOException {
    BenchReport report =
        run(
            2,
            contestant("otium int8", true, Set.of("int8"), 1, 1),
            contestant("peer", false, Set.of("int8"), 5, Double.NaN));
    assertThat(report.rows()).extracting(BenchReport.Row::system).containsExactly("otium int8");
    assertThat(report.skipped())
        .extracting(Skipped::system, Skipped::why)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("peer", "peer ended with code 3"));
  }

  @Test
  void ourOwnFailureEndsIt() {
    Contestant own = contestant("otium int8", true, Set.of("int8"), Double.NaN);
    assertThatThrownBy(() -> run(1, own)).hasMessage("otium int8 ended with code 3");
  }

  @Test
  void anAbsentPeerIsNamedWithHowToInstallIt() throws IOException {
    BenchReport report =
        run(
            1,
            contestant("otium int8", true, Set.of("int8"), 1),
            new LlamaCpp(new PeersFolder(folder)));
    assertThat(report.skipped())
        .singleElement()
        .satisfies(
            skipped -> {
              assertThat(skipped.system()).isEqualTo("llama.cpp");
              assertThat(skipped.why()).contains("llama-bench").contains(folder.toString());
              assertThat(skipped.fix()).isEqualTo("./otium bench peers --install llama.cpp");
            });
    assertThat(report.table()).contains("skipped llama.cpp: ");
  }
}
