package io.otium.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The specification's facts. */
class RefinedScheduleTest {
  @TempDir Path folder;

  private static double[] refined(GradientNorm norm, double... norms) {
    return RefinedSchedule.of(norms, norm, RefinedSchedule.TAU, norms.length).factors();
  }

  private static double[] random(int n, double least) {
    var random = new SplittableRandom(n);
    return random.doubles(n).map(x -> least + x).toArray();
  }

  @Test
  void constantNormsGiveLinearDecay() {
    assertThat(refined(GradientNorm.L2, 3, 3, 3, 3, 3))
        .containsExactly(new double[] {1, 0.75, 0.5, 0.25, 0}, within(1e-12));
  }

  @Test
  void aLargeFirstNormGivesAWarmUp() {
    assertThat(LastIterateBound.rates(new double[] {0.25, 1, 1, 1, 0.25}))
        .containsExactly(
            new double[] {0.8125 / 3.5, 2.25 / 3.5, 1.25 / 3.5, 0.25 / 3.5, 0}, within(1e-12));
    assertThat(refined(GradientNorm.L2, 2, 1, 1, 1, 2))
        .containsExactly(new double[] {.3611, 1, .5556, .1111, 0}, within(5e-5));
  }

  @Test
  void theNormDecidesTheWeights() {
    assertThat(refined(GradientNorm.L2, 4, 2, 1, 2))
        .containsExactly(new double[] {.3, 1, .8, 0}, within(1e-12));
    assertThat(refined(GradientNorm.L1, 4, 2, 1, 2))
        .containsExactly(new double[] {.6667, 1, .6667, 0}, within(5e-5));
    assertThat(GradientNorm.of(AdamW.DEFAULTS)).isEqualTo(GradientNorm.L1);
    assertThat(GradientNorm.of(Adafactor.DEFAULTS)).isEqualTo(GradientNorm.L1);
    assertThat(GradientNorm.of(Sgd.DEFAULTS)).isEqualTo(GradientNorm.L2);
  }

  @Test
  void theScaleOfNormsDoesNotMatterAndTheLastFactorIsZero() {
    double[] norms = random(60, 0.5);
    double[] scaled = Arrays.stream(norms).map(g -> 7 * g).toArray();
    double[] factors = refined(GradientNorm.L2, norms);
    assertThat(refined(GradientNorm.L2, scaled)).containsExactly(factors, within(1e-12));
    assertThat(factors[59]).isZero();
    assertThat(Arrays.stream(factors).max()).hasValue(1);
    Schedule schedule = RefinedSchedule.of(norms, GradientNorm.L2, 0.1, 60);
    assertThat(schedule.factor(3)).isEqualTo(factors[3]);
    assertThat(schedule.factor(60)).isZero();
  }

  @Test
  void aLinearFallOfNormsMovesThePeak() {
    for (double g : new double[] {0.3, 0.5, 0.6, 0.8}) {
      int n = 2000;
      double[] norms = IntStream.range(0, n).mapToDouble(i -> 1 + (g - 1) * i / (n - 1)).toArray();
      double peak = Math.max(0, (1 - 1.5 * g) / (1 - g));
      RefinedSchedule schedule = RefinedSchedule.of(norms, GradientNorm.L2, 0, n);
      assertThat(schedule.warmup()).isCloseTo(peak, within(0.002));
    }
  }

  @Test
  void growingNormsMakeTheEndSteeper() {
    double[] norms = IntStream.range(0, 100).mapToDouble(i -> 1 + i / 50.0).toArray();
    double[] factors = refined(GradientNorm.L2, norms);
    for (int i = 1; i < 99; i++) assertThat(factors[i]).isLessThan(1 - i / 99.0);
    RefinedSchedule.Polynomial nearest =
        RefinedSchedule.of(norms, GradientNorm.L2, 0.1, 100).nearestPolynomial();
    assertThat(nearest.warmup()).isZero();
    assertThat(nearest.power()).isGreaterThan(1.5);
  }

  @Test
  void theMedianRemovesSpikesAndKeepsConstants() {
    assertThat(MedianFilter.smooth(new double[] {1, 1, 9, 1, 1}, 3)).containsOnly(1);
    assertThat(MedianFilter.smooth(new double[] {2, 2, 2}, 5)).containsOnly(2);
    assertThat(MedianFilter.smooth(new double[] {3, 1, 2}, 1)).containsExactly(3, 1, 2);
    assertThatThrownBy(() -> MedianFilter.smooth(new double[] {3, 1, 2}, 7))
        .hasMessage("a median filter over 3 values has an odd width below twice as many, not 7");
  }

  @Test
  void theRunningMedianIsThatOfThePaddedRecording() {
    double[] values = random(101, 0);
    values[7] = values[8]; // equal samples are told apart
    for (int width : new int[] {1, 3, 11, 101}) {
      int half = width / 2;
      double[] smoothed = MedianFilter.smooth(values, width);
      for (int t = 0; t < values.length; t++) {
        double[] window = new double[width];
        for (int i = 0; i < width; i++) {
          int place = t - half + i;
          window[i] = values[place < 0 ? 0 : place > 100 ? 200 - place : place];
        }
        Arrays.sort(window);
        assertThat(smoothed[t]).isEqualTo(window[half]);
      }
    }
  }

  @Test
  void anotherLengthIsInterpolatedWithEndsAligned() {
    double[] norms = {1, 2, 3};
    double[] stretched = refined(GradientNorm.L2, 1, 1.5, 2, 2.5, 3);
    assertThat(RefinedSchedule.of(norms, GradientNorm.L2, 0.1, 5).factors())
        .containsExactly(stretched, within(1e-12));
    assertThat(
            RefinedSchedule.of(new double[] {1, 1.5, 2, 2.5, 3}, GradientNorm.L2, 0.1, 3).factors())
        .containsExactly(refined(GradientNorm.L2, norms), within(1e-12));
  }

  @Test
  void theOptimisedRatesAreTheSpecifications() {
    double[] ones = {1, 1, 1, 1, 1};
    double[] rates = LastIterateBound.least(1, ones);
    assertThat(rates)
        .containsExactly(new double[] {.2891, .2512, .2142, .1781, .4300}, within(5e-5));
    assertThat(LastIterateBound.ofRates(1, rates, ones)).isCloseTo(.7339, within(5e-5));
    double[] factors = RefinedSchedule.optimised(ones, 0.1, 5).factors();
    assertThat(factors[0]).isEqualTo(1);
    assertThat(factors[3]).isCloseTo(.1781 / .2891, within(1e-3));
    assertThat(factors[4]).isZero();
  }

  @Test
  void noOtherRatesHaveALesserBound() {
    double[] norms = random(12, 0.1);
    double[] rates = LastIterateBound.least(3, norms);
    double least = LastIterateBound.ofRates(3, rates, norms);
    for (int i = 0; i < rates.length; i++) {
      for (double factor : new double[] {0.99, 1.01}) {
        double[] other = rates.clone();
        other[i] *= factor;
        assertThat(LastIterateBound.ofRates(3, other, norms)).isGreaterThan(least);
      }
    }
    assertThat(LastIterateBound.ofRatesBestLast(3, rates, norms)).isCloseTo(least, within(1e-9));
  }

  @Test
  void theBoundOfRatesIsThePapersSum() {
    double[] norms = random(7, 0.1);
    double[] rates = random(7, 0.2);
    double total = Arrays.stream(rates).sum();
    double expected = 2.25 / total;
    for (int t = 0; t < 7; t++) expected += norms[t] * norms[t] * rates[t] * rates[t] / total;
    for (int k = 0; k < 6; k++) {
      double from = 0;
      double squares = 0;
      for (int j = k; j < 7; j++) {
        from += rates[j];
        squares += norms[j] * norms[j] * rates[j] * rates[j];
      }
      expected += rates[k] / ((from - rates[k]) * from) * squares;
    }
    assertThat(LastIterateBound.ofRates(1.5, rates, norms)).isCloseTo(expected / 2, within(1e-12));
  }

  @Test
  void theBestWeightsBoundIsTheHarmonicOne() {
    double[] norms = random(9, 0.3);
    double sum = Arrays.stream(norms).map(g -> 1 / (g * g)).sum();
    double lambda = 2 / Math.sqrt(sum);
    double[] weights = Arrays.stream(norms).map(g -> lambda / (g * g)).toArray();
    assertThat(LastIterateBound.ofWeights(2, weights, norms))
        .isCloseTo(2 / Math.sqrt(sum), within(1e-12));
  }

  @Test
  void doubtfulRecordingsAreSaid() {
    double[] collapsing = new double[200];
    for (int i = 0; i < 200; i++) collapsing[i] = i < 198 ? 1 : 1e-3;
    assertThat(RefinedSchedule.of(collapsing, GradientNorm.L2, 0, 200).warnings())
        .singleElement()
        .asString()
        .contains("more than half of the weight");
    assertThat(RefinedSchedule.of(new double[] {1, 0, 1}, GradientNorm.L2, 0.1, 3).warnings())
        .containsExactly("1 of 3 smoothed gradient norms are 0 and count as 1.00e-08");
    assertThat(RefinedSchedule.of(random(200, 1), GradientNorm.L2, 0.1, 200).warnings()).isEmpty();
  }

  @Test
  void impossibleNormsAreRefused() {
    assertThatThrownBy(() -> refined(GradientNorm.L2, 1, Double.POSITIVE_INFINITY))
        .hasMessage("a schedule is refined from at least 2 finite gradient norms, not 1");
    assertThatThrownBy(() -> refined(GradientNorm.L2, 1, Double.NaN))
        .hasMessage("gradient norms are at least 0, and that of step 2 is NaN");
    assertThatThrownBy(() -> refined(GradientNorm.L2, 1, -2))
        .hasMessage("gradient norms are at least 0, and that of step 2 is -2.0");
    assertThatThrownBy(() -> refined(GradientNorm.L2, 0, 0))
        .hasMessage("all gradient norms are 0, which says nothing of a rate");
    assertThatThrownBy(() -> RefinedSchedule.of(new double[] {1, 2}, GradientNorm.L2, 0.1, 1))
        .hasMessage("a refined schedule has at least 2 steps, not 1");
    var few = new GradientNorms(new double[9], new double[9]);
    assertThatThrownBy(() -> RefinedSchedule.of(few, GradientNorm.L2, 0.1, 100))
        .hasMessage("a recording to refine a schedule from has at least 10 steps, not 9");
  }

  @Test
  void aRecordingIsReadBackAndResumesInTheMiddle() throws IOException {
    Path file = folder.resolve("norms.csv");
    try (var _ = new Scope();
        var recorder = new GradientNormRecorder(file, 0)) {
      Tensor parameter = Tensor.zeros(2).requiresGrad(true);
      parameter.grad(Tensor.of(new float[] {3, -4}));
      recorder.record(0, List.of(parameter));
      recorder.record(1, 8, 6);
      recorder.record(2, 9, 9);
    }
    try (var resumed = new GradientNormRecorder(file, 1)) {
      resumed.record(1, 10, 7);
    }
    GradientNorms norms = GradientNorms.read(file);
    assertThat(norms.of(GradientNorm.L1)).containsExactly(7, 10);
    assertThat(norms.of(GradientNorm.L2)).containsExactly(5, 7);
    Files.writeString(file, "step,l1,l2\n0,1\n");
    assertThatThrownBy(() -> GradientNorms.read(file))
        .hasMessage("line 2 of " + file + " must be a step and two numbers");
    Files.writeString(file, "a,b\n");
    assertThatThrownBy(() -> GradientNorms.read(file))
        .hasMessageContaining("its first line must be step,l1,l2");
    assertThatThrownBy(() -> GradientNorms.read(folder.resolve("none.csv")))
        .hasMessageStartingWith("there is no recording of gradient norms at ");
  }

  @Test
  void aRunsOwnMetricsAreARecording() throws IOException {
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        """
        {"step":0,"loss":3.0,"grad_l1":5,"grad_l2":2.5}
        {"step":1,"loss":2.0,"grad_l1":"Infinity","grad_l2":2}
        {"step":2,"loss":2.0}
        {"step":3,"lo\
        """);
    GradientNorms norms = GradientNorms.read(folder);
    assertThat(norms.of(GradientNorm.L1)).containsExactly(5, Double.POSITIVE_INFINITY);
    assertThat(norms.of(GradientNorm.L2)).containsExactly(2.5, 2);
    Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\":0,\"loss\":3}\n");
    assertThatThrownBy(() -> GradientNorms.read(folder))
        .hasMessageEndingWith(
            "has no grad_l1 and grad_l2; record gradient norms in the run to refine from");
  }
}
