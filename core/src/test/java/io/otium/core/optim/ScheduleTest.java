package io.otium.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleTest {
  @TempDir Path folder;

  private static void goes(Schedule schedule, double... expected) {
    double[] actual = LongStream.range(0, expected.length).mapToDouble(schedule::factor).toArray();
    assertThat(actual).containsExactly(expected, within(1e-12));
  }

  @Test
  void theWarmUpRisesToOneInItsSteps() {
    goes(Schedule.constant(0), 1, 1, 1);
    goes(Schedule.constant(4), 0.25, 0.5, 0.75, 1, 1);
  }

  @Test
  void linearFallsTowardsItsEnd() {
    goes(Schedule.linear(4, 0, 0), 1, 0.75, 0.5, 0.25, 0, 0);
    goes(Schedule.linear(6, 2, 0.2), 0.5, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2);
  }

  @Test
  void cosineIsHalfAPeriod() {
    goes(Schedule.cosine(4, 0, 0), 1, 0.5 + Math.sqrt(0.125), 0.5, 0.5 - Math.sqrt(0.125), 0, 0);
    goes(Schedule.cosine(3, 1, 0.5), 1, 1, 0.75, 0.5);
  }

  @Test
  void inverseSqrtJoinsItsWarmUp() {
    goes(Schedule.inverseSqrt(2), 0.5, 1, Math.sqrt(2 / 3.0), Math.sqrt(0.5));
  }

  @Test
  void wsdIsStableUntilItsDecay() {
    goes(Schedule.wsd(8, 2, 4, 0), 0.5, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0);
  }

  @Test
  void polynomialIsThePowerOfWhatIsLeft() {
    goes(Schedule.polynomial(4, 0, 0, 2), 1, 0.5625, 0.25, 0.0625, 0);
  }

  @Test
  void impossibleSchedulesAreRefused() {
    assertThatThrownBy(() -> Schedule.linear(0, 0, 0))
        .hasMessage("a schedule's steps must be at least 1, not 0");
    assertThatThrownBy(() -> Schedule.inverseSqrt(0))
        .hasMessage("a schedule's warmup must be at least 1, not 0");
    assertThatThrownBy(() -> Schedule.cosine(5, 0, 1.5))
        .hasMessage("a schedule ends at 0 to 1, not at 1.5");
    assertThatThrownBy(() -> Schedule.wsd(5, 3, 3, 0))
        .hasMessage("warm-up (3) and decay (3) together must be at most the steps (5)");
  }

  @Test
  void aRecipeNamesASchedule() {
    ScheduleOptions cosine = options("cosine", 0.1, 0.2);
    assertThat(cosine.over(100, AdamW.DEFAULTS, Path::of).factor(4)).isEqualTo(0.5);
    assertThat(cosine.over(100, AdamW.DEFAULTS, Path::of).factor(55)).isCloseTo(0.5, within(1e-12));
    Schedule wsd = options("wsd", 0.1, 0.2).over(100, AdamW.DEFAULTS, Path::of);
    assertThat(wsd.factor(80)).isEqualTo(1);
    assertThat(wsd.factor(90)).isEqualTo(0.5);
    assertThatThrownBy(() -> options("cosin", 0, 0))
        .hasMessageStartingWith("schedule must be one of constant, linear, cosine, inverse-sqrt");
    assertThatThrownBy(() -> options("wsd", 0.6, 0.6))
        .hasMessage("decay must be at most 1 − warmup (0.4), not 0.6");
    assertThatThrownBy(() -> options("refined:", 0, 0)).hasMessageStartingWith("schedule must be");
    assertThatThrownBy(() -> options("refined:none", 0, 0).over(9, AdamW.DEFAULTS, Path::of))
        .hasMessage("there is no recording of gradient norms at none");
  }

  @Test
  void aRecipeRefinesByTheRulesNorm() throws IOException {
    Path file = folder.resolve("norms.csv");
    try (var recorder = new GradientNormRecorder(file, 0)) {
      for (int step = 0; step < 12; step++) recorder.record(step, 1 + step, 1);
    }
    Schedule bySgd = options("refined:a", 0, 0).over(12, Sgd.DEFAULTS, name -> file);
    assertThat(bySgd.factor(1)).isCloseTo(10 / 11.0, within(1e-12));
    Schedule byAdam = options("refined:a", 0, 0).over(12, AdamW.DEFAULTS, name -> file);
    assertThat(byAdam.factor(1)).isLessThan(0.6);
  }

  private static ScheduleOptions options(String schedule, double warmup, double decay) {
    return new ScheduleOptions(schedule, warmup, decay, 0, 0.1);
  }
}
