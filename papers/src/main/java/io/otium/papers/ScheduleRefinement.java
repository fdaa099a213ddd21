package io.otium.papers;

import io.otium.core.optim.GradientNorm;
import io.otium.core.optim.LastIterateBound;
import io.otium.core.optim.RefinedSchedule;
import io.otium.core.optim.Schedule;
import io.otium.core.optim.ScheduleBench;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Schedule refinement (Defazio et al., arXiv 2310.07831) in small: the bound on the last iterate
 * holds on random problems; on the worst case a linear decay ends far below a constant step; and on
 * generated logistic regressions linear decay beats a constant rate and keeps up with a cosine,
 * while the schedule refined from its gradient norms keeps up with linear decay, and needs the
 * running median. Each schedule runs at its own best of nine base rates.
 *
 * <p>Six draws of four data sets and 16 seeds of SGD a seed; two draws and four in the quick form.
 */
public final class ScheduleRefinement implements Experiment {
  private record Data(int features, double flipped) {}

  private static final List<Data> SETS =
      List.of(new Data(5, .1), new Data(20, .05), new Data(50, .1), new Data(20, .3));

  private static final double[] RATES =
      IntStream.range(0, 9).mapToDouble(i -> Math.pow(10, -1 + i / 2.0)).toArray();
  private static final int STEPS = LogisticRegression.STEPS;
  private static final String PLOTS = "in words and plots only";

  @Override
  public String id() {
    return "schedule-refinement";
  }

  @Override
  public String title() {
    return "Linear decay and refined learning-rate schedules, and the bound behind them";
  }

  @Override
  public Outcome run(Setting setting) {
    List<Claim> claims = new ArrayList<>();
    claims.add(
        Claim.atMost(
            "largest gap ÷ bound over 300 random problems",
            "at most 1 (theorem)",
            largestShareOfBound(setting.seeds()),
            1));
    for (int steps : new int[] {10, 100, 1000}) {
      double constant = worstCase(steps, t -> 1);
      double linear = worstCase(steps, t -> 1 - (t + 1.0) / steps);
      claims.add(
          Claim.atMost(
              "worst case of linear decay ÷ that of a constant step, T = " + steps,
              "linear decay loses no log T",
              linear / constant,
              0.11));
    }
    List<Map<String, Double>> gaps = gaps(setting);
    claims.add(
        ratio("linear ÷ constant", "linear matches or beats", gaps, "linear", "constant", 0.70));
    claims.add(ratio("linear ÷ cosine", "linear matches or beats", gaps, "linear", "cosine", 1.15));
    claims.add(
        ratio("refined ÷ linear", "improves further overall", gaps, "refined", "linear", 1.4));
    claims.add(ratio("refined ÷ unsmoothed", PLOTS, gaps, "refined", "unsmoothed", 0.85));
    return new Outcome(
        claims,
        arms(gaps),
        new Figure("Loss above its least after 600 steps, against linear", "ratio", "linear = 1"));
  }

  private static Claim ratio(
      String name,
      String published,
      List<Map<String, Double>> gaps,
      String of,
      String to,
      double limit) {
    return Claim.atMost("gap of " + name, published, meanRatio(gaps, of, to), limit);
  }

  /** The mean over data sets: each compares with itself. */
  private static double meanRatio(List<Map<String, Double>> gaps, String of, String to) {
    return gaps.stream()
        .mapToDouble(gap -> gap.getOrDefault(of, Double.NaN) / gap.getOrDefault(to, Double.NaN))
        .average()
        .orElse(Double.NaN);
  }

  private static List<Arm> arms(List<Map<String, Double>> gaps) {
    List<Arm> arms = new ArrayList<>();
    for (String schedule : gaps.getFirst().keySet()) {
      Map<String, Double> metrics = new LinkedHashMap<>();
      metrics.put("ratio", meanRatio(gaps, schedule, "linear"));
      for (int set = 0; set < SETS.size(); set++) {
        int at = set;
        double mean =
            IntStream.range(0, gaps.size())
                .filter(i -> i % SETS.size() == at)
                .mapToDouble(i -> gaps.get(i).getOrDefault(schedule, Double.NaN))
                .average()
                .orElse(Double.NaN);
        metrics.put("gap" + (set + 1), mean);
      }
      arms.add(new Arm(schedule, metrics));
    }
    return arms;
  }

  /** For each draw and data set in turn: schedule to gap, at the best rate, mean over seeds. */
  private static List<Map<String, Double>> gaps(Setting setting) {
    int draws = setting.quick() ? 2 : 6;
    long[] seeds = LongStream.range(0, setting.quick() ? 4 : 16).toArray();
    List<Map<String, Double>> gaps = new ArrayList<>();
    for (int draw = 0; draw < draws * setting.seeds(); draw++) {
      for (int set = 0; set < SETS.size(); set++) {
        setting.run().checkCancelled();
        Data data = SETS.get(set);
        var task = new LogisticRegression(data.features, data.flipped, 100L * draw + set);
        Map<String, Double> of = compare(new ScheduleBench(task, RATES, seeds));
        setting.run().metric(gaps.size(), of);
        gaps.add(of);
      }
    }
    return gaps;
  }

  /** By the paper's formulas, with t from 1: t is {@code step + 1}. */
  private static Map<String, Double> compare(ScheduleBench bench) {
    Map<String, Double> gaps = new LinkedHashMap<>();
    Map<String, Schedule> fixed = new LinkedHashMap<>();
    fixed.put("constant", step -> 1);
    fixed.put("1/t", step -> 1 / (step + 1.0));
    fixed.put("1/√t", step -> 1 / Math.sqrt(step + 1.0));
    fixed.put("stepwise", step -> Math.pow(10, -Math.floor((step + 1.0) / STEPS / 0.3 + 1e-9)));
    fixed.put("cosine", step -> (1 + Math.cos(Math.PI * (step + 1) / STEPS)) / 2);
    fixed.forEach((name, schedule) -> gaps.put(name, bench.best(name, _ -> schedule).mean()));
    Schedule linear = step -> 1 - (step + 1.0) / STEPS;
    ScheduleBench.Result best = bench.best("linear", _ -> linear);
    gaps.put("linear", best.mean());
    Map<Long, double[]> norms = new LinkedHashMap<>();
    LongFunction<double[]> recorded =
        seed -> norms.computeIfAbsent(seed, s -> bench.norms(linear, best.rate(), s));
    gaps.put("refined", bench.best("refined", refined(recorded, RefinedSchedule.TAU)).mean());
    gaps.put("unsmoothed", bench.best("unsmoothed", refined(recorded, 0)).mean());
    return gaps;
  }

  private static LongFunction<Schedule> refined(LongFunction<double[]> norms, double tau) {
    return seed -> RefinedSchedule.of(norms.apply(seed), GradientNorm.L2, tau, STEPS);
  }

  /**
   * {@code f(x) = mean |a_i·x − b_i|} with random data, weights and comparator: the largest of
   * {@code (f(x_T) − f(u))} over its bound.
   */
  private static double largestShareOfBound(int seeds) {
    double largest = 0;
    for (int seed = 0; seed < seeds; seed++) {
      Random random = new Random(seed);
      for (int draw = 0; draw < 300; draw++) largest = Math.max(largest, shareOfBound(random));
    }
    return largest;
  }

  private static double shareOfBound(Random random) {
    int dims = 1 + random.nextInt(5);
    int terms = 1 + random.nextInt(10);
    int steps = 2 + random.nextInt(40);
    double[][] a = new double[terms][];
    for (int i = 0; i < terms; i++) a[i] = gaussians(random, dims);
    double[] b = gaussians(random, terms);
    double[] comparator = gaussians(random, dims);
    double[] weights = random.doubles(steps, 0.01, 1).toArray();
    double[] rates = LastIterateBound.rates(weights);
    double[] x = gaussians(random, dims);
    double distance = distance(x, comparator);
    double[] norms = new double[steps];
    for (int t = 0; t < steps; t++) {
      double[] gradient = subgradient(a, b, x);
      norms[t] = distance(gradient, new double[dims]);
      // The last rate is 0, and x stays x_T.
      for (int j = 0; j < dims; j++) x[j] -= rates[t] * gradient[j];
    }
    double gap = value(a, b, x) - value(a, b, comparator);
    return gap / LastIterateBound.ofWeights(distance, weights, norms);
  }

  private static double[] gaussians(Random random, int n) {
    return DoubleStream.generate(random::nextGaussian).limit(n).toArray();
  }

  private static double distance(double[] x, double[] y) {
    double sum = 0;
    for (int j = 0; j < x.length; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
    return Math.sqrt(sum);
  }

  private static double residual(double[] a, double b, double[] x) {
    double sum = -b;
    for (int j = 0; j < x.length; j++) sum += a[j] * x[j];
    return sum;
  }

  private static double value(double[][] a, double[] b, double[] x) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += Math.abs(residual(a[i], b[i], x));
    return sum / a.length;
  }

  private static double[] subgradient(double[][] a, double[] b, double[] x) {
    double[] gradient = new double[x.length];
    for (int i = 0; i < a.length; i++) {
      double sign = Math.signum(residual(a[i], b[i], x));
      for (int j = 0; j < x.length; j++) gradient[j] += sign * a[i][j] / a.length;
    }
    return gradient;
  }

  /**
   * {@code √T · |x_T|} for {@code f = |x|} with {@code D = G = 1} and the rate {@code factor/√T},
   * at its largest over 201 starts from 0 to 1; at 0 the subgradient is 1.
   */
  private static double worstCase(int steps, Schedule factor) {
    double rate = 1 / Math.sqrt(steps);
    double[] ends = new double[201];
    for (int i = 0; i < ends.length; i++) {
      double x = i / 200.0;
      for (int t = 0; t < steps - 1; t++) x -= rate * factor.factor(t) * (x >= 0 ? 1 : -1);
      ends[i] = Math.abs(x) * Math.sqrt(steps);
    }
    return Arrays.stream(ends).max().orElseThrow();
  }
}
