package io.otium.core.optim;

import java.util.Comparator;
import java.util.TreeSet;

/** The running median of a recording, in {@code O(T log width)}. */
final class MedianFilter {
  private record Sample(double value, int place) {}

  private static final Comparator<Sample> ORDER =
      Comparator.comparingDouble(Sample::value).thenComparingInt(Sample::place);

  /** The smaller samples of the window, the median the largest of them. */
  private final TreeSet<Sample> lower = new TreeSet<>(ORDER);

  private final TreeSet<Sample> upper = new TreeSet<>(ORDER);

  private MedianFilter() {}

  /**
   * Replaces each value by the median of those around it. Before the first value that is repeated;
   * after the last the recording is mirrored without repeating it.
   *
   * @param width odd, less than twice the number of values
   */
  static double[] smooth(double[] values, int width) {
    if (width % 2 == 0 || width < 1 || width / 2 >= values.length) {
      throw new IllegalArgumentException(
          "a median filter over %d values has an odd width below twice as many, not %d"
              .formatted(values.length, width));
    }
    var filter = new MedianFilter();
    int half = width / 2;
    for (int i = -half; i < half; i++) filter.add(sample(values, i));
    double[] smoothed = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      filter.add(sample(values, i + half));
      smoothed[i] = filter.lower.last().value;
      filter.remove(sample(values, i - half));
    }
    return smoothed;
  }

  private static Sample sample(double[] values, int place) {
    int last = values.length - 1;
    int from = place < 0 ? 0 : place > last ? 2 * last - place : place;
    return new Sample(values[from], place);
  }

  private void add(Sample sample) {
    if (!upper.isEmpty() && ORDER.compare(sample, upper.first()) > 0) upper.add(sample);
    else lower.add(sample);
    balance();
  }

  private void remove(Sample sample) {
    if (!lower.remove(sample)) upper.remove(sample);
    balance();
  }

  /** The lower half has as many samples as the upper, or one more. */
  private void balance() {
    while (lower.size() > upper.size() + 1) upper.add(lower.removeLast());
    while (lower.size() < upper.size()) lower.add(upper.removeFirst());
  }
}
