package io.otium.core.optim;

import java.util.function.DoubleUnaryOperator;

/**
 * The learning rate's course: a pure function of the step, so that a resumed run needs no state.
 *
 * <p>Those with a warm-up rise by {@code (step + 1) / warmup} during its steps and begin their own
 * course after it; beyond their last step they stay at its end. A warm-up's first step is not lost:
 * transformers' schedules begin at 0, one step behind.
 */
@FunctionalInterface
public interface Schedule {
  /**
   * @param step how many updates came before this one, from 0
   * @return what multiplies the base learning rate, from 0 to 1
   */
  double factor(long step);

  /** 1, after a warm-up of so many steps. */
  static Schedule constant(long warmup) {
    requireSteps("warmup", warmup, 0);
    return step -> rise(step, warmup);
  }

  /** Falls from 1 towards {@code end}, which the step after the last would reach. */
  static Schedule linear(long steps, long warmup, double end) {
    return falling(steps, warmup, end, left -> left);
  }

  /** {@code left} to a power, with {@code left} the share of the steps still to come. */
  static Schedule polynomial(long steps, long warmup, double end, double power) {
    return falling(steps, warmup, end, left -> Math.pow(left, power));
  }

  /** Half a period of a cosine from 1 towards {@code end}. */
  static Schedule cosine(long steps, long warmup, double end) {
    return falling(steps, warmup, end, left -> (1 - Math.cos(Math.PI * left)) / 2);
  }

  /** {@code √(warmup / (step + 1))} after the warm-up, which it joins without a jump. */
  static Schedule inverseSqrt(long warmup) {
    requireSteps("warmup", warmup, 1);
    return step -> Math.min(rise(step, warmup), Math.sqrt(warmup / (step + 1.0)));
  }

  /**
   * Warm-up, stable, decay: 1 until the last {@code decay} steps, over which it falls towards
   * {@code end} in a straight line.
   */
  static Schedule wsd(long steps, long warmup, long decay, double end) {
    requireSteps("steps", steps, 1);
    requireSteps("warmup", warmup, 0);
    requireSteps("decay", decay, 0);
    requireEnd(end);
    if (warmup + decay > steps) {
      throw new IllegalArgumentException(
          "warm-up (%d) and decay (%d) together must be at most the steps (%d)"
              .formatted(warmup, decay, steps));
    }
    return step ->
        step < steps - decay
            ? rise(step, warmup)
            : end + (1 - end) * left(step, steps - decay, steps);
  }

  private static Schedule falling(long steps, long warmup, double end, DoubleUnaryOperator course) {
    requireSteps("steps", steps, 1);
    requireSteps("warmup", warmup, 0);
    requireEnd(end);
    return step ->
        step < warmup
            ? rise(step, warmup)
            : end + (1 - end) * course.applyAsDouble(left(step, warmup, steps));
  }

  private static double rise(long step, long warmup) {
    return step < warmup ? (step + 1.0) / warmup : 1;
  }

  /** 1 at {@code from}, 0 at {@code to} and beyond. */
  private static double left(long step, long from, long to) {
    return step >= to ? 0 : (double) (to - step) / (to - from);
  }

  private static void requireSteps(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "a schedule's %s must be at least %d, not %d".formatted(name, least, value));
    }
  }

  private static void requireEnd(double end) {
    if (!(end >= 0 && end <= 1)) {
      throw new IllegalArgumentException("a schedule ends at 0 to 1, not at " + end);
    }
  }
}
