package io.otium.papers;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.core.optim.ScheduleBench;
import io.otium.core.run.Runs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleRefinementTest {
  @TempDir Path home;

  @Test
  void itsQuickFormHoldsAndRepeats() {
    Runs runs = new Runs(home);
    Reproduction first = Reproduction.of(new ScheduleRefinement(), 1, true, runs);
    assertThat(first.outcome().claims()).allMatch(Experiment.Claim::holds);
    assertThat(first.outcome().arms())
        .extracting(Experiment.Arm::name)
        .contains("constant", "cosine", "linear", "refined", "unsmoothed");
    Reproduction second = Reproduction.of(new ScheduleRefinement(), 1, true, runs);
    assertThat(second.toJson().path("arms")).isEqualTo(first.toJson().path("arms"));
  }

  @Test
  void theBenchTakesEachScheduleAtItsBestRate() {
    var task = new LogisticRegression(5, 0.1, 1);
    var bench = new ScheduleBench(task, new double[] {0.01, 1, 1e9}, new long[] {0, 1});
    ScheduleBench.Result constant = bench.best("constant", _ -> step -> 1);
    assertThat(constant.rate()).isEqualTo(1);
    assertThat(constant.mean()).isBetween(0.0, 0.1);
    assertThat(constant.standardError()).isPositive();
    assertThat(bench.norms(step -> 1, 1, 0)).hasSize(LogisticRegression.STEPS);
    ScheduleBench.Result none = new ScheduleBench.Result("none", 1, 9, 0, 2);
    assertThat(ScheduleBench.table(List.of(none, constant)).lines().toList().get(1))
        .startsWith("constant");
  }
}
