package io.otium.app.bench;

import java.util.Arrays;
import java.util.Collection;

/** The middle of some numbers, or the mean of the two in the middle. */
final class Median {
  private Median() {}

  static double of(double... numbers) {
    if (numbers.length == 0) throw new IllegalArgumentException("no numbers have no median");
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  static double of(Collection<Double> numbers) {
    return of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
