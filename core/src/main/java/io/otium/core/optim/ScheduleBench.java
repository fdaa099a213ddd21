package io.otium.core.optim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.function.LongFunction;

/**
 * Compares schedules on a task, each at the base rate that suits it best: at one rate for all, the
 * comparison would be of rates.
 */
public final class ScheduleBench {
  /** Training from scratch; the same arguments give the same result. */
  @FunctionalInterface
  public interface Task {
    /**
     * @param rate base learning rate, which the schedule multiplies
     * @param norms is told each step's gradient norm, in order
     * @return a measure at the end, the smaller the better; NaN where training diverged
     */
    double train(Schedule schedule, double rate, long seed, DoubleConsumer norms);
  }

  /**
   * A schedule at its best base rate.
   *
   * @param mean of the measure over seeds
   * @param standardError of that mean; 0 for one seed
   */
  public record Result(
      String schedule, double rate, double mean, double standardError, int seeds) {}

  private final Task task;
  private final double[] rates;
  private final long[] seeds;

  public ScheduleBench(Task task, double[] rates, long[] seeds) {
    this.task = task;
    this.rates = rates.clone();
    this.seeds = seeds.clone();
  }

  /**
   * Tries a schedule at every base rate.
   *
   * @param schedule of a seed; a refined one comes from that seed's own run
   */
  public Result best(String name, LongFunction<Schedule> schedule) {
    Result best = new Result(name, Double.NaN, Double.POSITIVE_INFINITY, 0, seeds.length);
    for (double rate : rates) {
      double[] measures = new double[seeds.length];
      for (int i = 0; i < seeds.length; i++) {
        measures[i] = task.train(schedule.apply(seeds[i]), rate, seeds[i], norm -> {});
      }
      Result result = summary(name, rate, measures);
      if (result.mean < best.mean) best = result;
    }
    return best;
  }

  private static Result summary(String name, double rate, double[] measures) {
    double mean = 0;
    for (double measure : measures) mean += measure / measures.length;
    double squares = 0;
    for (double measure : measures) squares += (measure - mean) * (measure - mean);
    int n = measures.length;
    double error = n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
    return new Result(name, rate, mean, error, n);
  }

  /** The gradient norms of one run. */
  public double[] norms(Schedule schedule, double rate, long seed) {
    List<Double> norms = new ArrayList<>();
    task.train(schedule, rate, seed, norms::add);
    return norms.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** A line for each, the best first. */
  public static String table(List<Result> results) {
    StringBuilder text =
        new StringBuilder("schedule          rate       measure     ± error  seeds\n");
    results.stream()
        .sorted(Comparator.comparingDouble(Result::mean))
        .forEach(
            r ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%-14s  %8.3g  %12.5g  %10.2g  %5d\n",
                        r.schedule,
                        r.rate,
                        r.mean,
                        r.standardError,
                        r.seeds)));
    return text.toString();
  }
}
