package io.otium.core.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Schedule refinement (Defazio et al., arXiv 2310.07831): the course of the learning rate from the
 * gradient norms {@code G} of a finished run, in closed form.
 *
 * <pre>
 * Ĝ = running median of G;  w_t = Ĝ_t⁻² (SGD) or Ĝ_t⁻¹ (Adam);  η_t ∝ w_t · Σ_{p>t} w_p
 * </pre>
 *
 * Constant norms give linear decay. The factors are from 0 to 1, the last is 0; the base learning
 * rate is to be tuned again. A warm-up and a fast end come out where the norms ask for them.
 */
public final class RefinedSchedule implements Schedule {
  /** The share of a run that the running median spans. */
  public static final double TAU = 0.1;

  /**
   * The polynomial nearest to a schedule.
   *
   * @param warmup share of the steps
   * @param power of what is left of the steps after it
   * @param error root mean square
   */
  public record Polynomial(double warmup, double power, double error) {}

  private static final int LEAST_RECORDED = 10;
  private static final double FLOOR = 1e-8;

  private final double[] factors;
  private final List<String> warnings;

  private RefinedSchedule(double[] factors, List<String> warnings) {
    this.factors = factors;
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Refines from an array of norms; infinite ones are dropped.
   *
   * @param tau from 0 to 1, the share of the run that the running median spans; usually {@link
   *     #TAU}
   * @param steps how many the new run has; the norms are stretched to it
   * @throws IllegalArgumentException for fewer than two norms or steps, NaN, negative or all zero
   */
  public static RefinedSchedule of(double[] norms, GradientNorm norm, double tau, int steps) {
    List<String> warnings = new ArrayList<>();
    double[] smoothed = smoothed(norms, tau, steps, warnings);
    double[] weights = Arrays.stream(smoothed).map(norm::weight).toArray();
    warnIfSharp(weights, warnings);
    return new RefinedSchedule(normalised(LastIterateBound.rates(weights)), warnings);
  }

  /** Refines from a recording of at least ten steps. */
  public static RefinedSchedule of(
      GradientNorms recording, GradientNorm norm, double tau, int steps) {
    requireRecorded(recording);
    return of(recording.of(norm), norm, tau, steps);
  }

  /**
   * In place of the closed form, the rates with the least bound on the last iterate ({@link
   * LastIterateBound#least}), from Euclidean norms.
   */
  public static RefinedSchedule optimised(double[] norms, double tau, int steps) {
    List<String> warnings = new ArrayList<>();
    double[] rates = LastIterateBound.least(1, smoothed(norms, tau, steps, warnings));
    rates[rates.length - 1] = 0; // moves no iterate that counts
    return new RefinedSchedule(normalised(rates), warnings);
  }

  private static void requireRecorded(GradientNorms recording) {
    if (recording.steps() < LEAST_RECORDED) {
      throw new IllegalArgumentException(
          "a recording to refine a schedule from has at least %d steps, not %d"
              .formatted(LEAST_RECORDED, recording.steps()));
    }
  }

  private static double[] smoothed(double[] norms, double tau, int steps, List<String> warnings) {
    double[] finite = Arrays.stream(norms).filter(g -> !Double.isInfinite(g)).toArray();
    require(finite, tau, steps);
    double[] stretched = finite.length < steps ? stretch(finite, steps) : finite;
    int half = (int) (tau * stretched.length / 2 + 1e-9); // τT in binary may fall below a whole
    double[] smoothed = MedianFilter.smooth(stretched, 2 * half + 1);
    if (smoothed.length > steps) smoothed = stretch(smoothed, steps);
    return floored(smoothed, warnings);
  }

  private static void require(double[] norms, double tau, int steps) {
    if (!(tau >= 0 && tau <= 1)) {
      throw new IllegalArgumentException("tau must be from 0 to 1, not " + tau);
    }
    if (steps < 2) {
      throw new IllegalArgumentException("a refined schedule has at least 2 steps, not " + steps);
    }
    if (norms.length < 2) {
      throw new IllegalArgumentException(
          "a schedule is refined from at least 2 finite gradient norms, not " + norms.length);
    }
    for (int i = 0; i < norms.length; i++) {
      if (!(norms[i] >= 0)) {
        throw new IllegalArgumentException(
            "gradient norms are at least 0, and that of step %d is %s".formatted(i + 1, norms[i]));
      }
    }
    if (Arrays.stream(norms).allMatch(g -> g == 0)) {
      throw new IllegalArgumentException("all gradient norms are 0, which says nothing of a rate");
    }
  }

  /** Linear interpolation to another length, ends aligned. */
  private static double[] stretch(double[] values, int length) {
    double[] stretched = new double[length];
    for (int i = 0; i < length; i++) {
      double place = (double) i * (values.length - 1) / (length - 1);
      int left = Math.min((int) place, values.length - 2);
      double share = place - left;
      stretched[i] = (1 - share) * values[left] + share * values[left + 1];
    }
    return stretched;
  }

  private static double[] floored(double[] smoothed, List<String> warnings) {
    double[] positive = Arrays.stream(smoothed).filter(g -> g > 0).sorted().toArray();
    if (positive.length == smoothed.length) return smoothed;
    if (positive.length == 0) {
      throw new IllegalArgumentException(
          "nearly all gradient norms are 0, so that their running median is; use a smaller tau");
    }
    double floor = FLOOR * positive[positive.length / 2];
    warnings.add(
        "%d of %d smoothed gradient norms are 0 and count as %.3g"
            .formatted(smoothed.length - positive.length, smoothed.length, floor));
    return Arrays.stream(smoothed).map(g -> Math.max(g, floor)).toArray();
  }

  private static void warnIfSharp(double[] weights, List<String> warnings) {
    if (weights.length < 100) return;
    double[] sorted = weights.clone();
    Arrays.sort(sorted);
    double top = 0;
    for (int i = sorted.length - sorted.length / 100; i < sorted.length; i++) top += sorted[i];
    if (top > 0.5 * Arrays.stream(weights).sum()) {
      warnings.add(
          "1 % of the steps have more than half of the weight: the recording looks degenerate"
              + " (norms fell to nearly 0?), and a linear schedule is safer");
    }
  }

  private static double[] normalised(double[] rates) {
    double largest = Arrays.stream(rates).max().orElseThrow();
    return Arrays.stream(rates).map(rate -> rate / largest).toArray();
  }

  /** Beyond the last step, 0. */
  @Override
  public double factor(long step) {
    return step < factors.length ? factors[(int) step] : 0;
  }

  public int steps() {
    return factors.length;
  }

  /** All factors in order. */
  public double[] factors() {
    return factors.clone();
  }

  /** Sentences on what is doubtful about the recording. */
  public List<String> warnings() {
    return warnings;
  }

  /** Where the peak is, as a share of the run. */
  public double warmup() {
    int peak = 0;
    for (int i = 1; i < factors.length; i++) if (factors[i] > factors[peak]) peak = i;
    return (double) peak / factors.length;
  }

  /** By least squares over warm-ups of 0 to 0.6 of the run and powers of 0.4 to 4. */
  public Polynomial nearestPolynomial() {
    Polynomial best = new Polynomial(0, 1, Double.POSITIVE_INFINITY);
    int stride = Math.max(1, factors.length / 500);
    for (int percent = 0; percent <= 60; percent++) {
      long warmup = Math.round(percent / 100.0 * factors.length);
      for (int tenths = 4; tenths <= 40; tenths++) {
        Schedule polynomial = Schedule.polynomial(factors.length, warmup, 0, tenths / 10.0);
        double sum = 0;
        int count = 0;
        for (int i = 0; i < factors.length; i += stride, count++) {
          double off = polynomial.factor(i) - factors[i];
          sum += off * off;
        }
        double error = Math.sqrt(sum / count);
        if (error < best.error) best = new Polynomial(percent / 100.0, tenths / 10.0, error);
      }
    }
    return best;
  }
}
