package io.otium.papers;

import io.otium.core.optim.Schedule;
import io.otium.core.optim.ScheduleBench;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleConsumer;

/**
 * Logistic regression on generated data, by SGD with batches of 16 drawn with replacement, from
 * zero; the measure is the loss above its least. Features are normal with scales from 1 to 0.1,
 * labels the signs of a random direction, some of them flipped.
 */
final class LogisticRegression implements ScheduleBench.Task {
  static final int STEPS = 600;
  private static final int SAMPLES = 1000;
  private static final int BATCH = 16;

  /** Each sample's features times its label, 1 or −1: {@code [samples, features]}. */
  private final double[][] signed;

  private final int features;
  private final double least;

  /**
   * @param flipped share of labels
   */
  LogisticRegression(int features, double flipped, long seed) {
    this.features = features;
    Random random = new Random(seed);
    double[] direction = new double[features];
    for (int j = 0; j < features; j++) direction[j] = random.nextGaussian();
    signed = new double[SAMPLES][features];
    for (double[] row : signed) {
      for (int j = 0; j < features; j++) {
        row[j] = random.nextGaussian() * Math.pow(10, -(double) j / (features - 1));
      }
      double label = dot(row, direction) >= 0 ? 1 : -1;
      if (random.nextDouble() < flipped) label = -label;
      for (int j = 0; j < features; j++) row[j] *= label;
    }
    least = loss(minimiser());
  }

  @Override
  public double train(Schedule schedule, double rate, long seed, DoubleConsumer norms) {
    Random random = new Random(seed);
    double[] weights = new double[features];
    double[] gradient = new double[features];
    for (int step = 0; step < STEPS; step++) {
      Arrays.fill(gradient, 0);
      for (int i = 0; i < BATCH; i++) {
        double[] row = signed[random.nextInt(SAMPLES)];
        double slope = -sigmoid(-dot(row, weights)) / BATCH;
        for (int j = 0; j < features; j++) gradient[j] += slope * row[j];
      }
      norms.accept(Math.sqrt(dot(gradient, gradient)));
      double eta = rate * schedule.factor(step);
      for (int j = 0; j < features; j++) weights[j] -= eta * gradient[j];
    }
    return loss(weights) - least;
  }

  private double loss(double[] weights) {
    double sum = 0;
    for (double[] row : signed) {
      double margin = dot(row, weights);
      // log(1 + e^−m) without overflow
      sum += Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
    }
    return sum / SAMPLES;
  }

  /** By Newton's method with halved steps where the loss would rise. */
  private double[] minimiser() {
    double[] weights = new double[features];
    for (int iteration = 0; iteration < 50; iteration++) {
      double[] gradient = new double[features];
      double[][] hessian = new double[features][features];
      for (double[] row : signed) {
        double p = sigmoid(-dot(row, weights));
        for (int j = 0; j < features; j++) {
          gradient[j] -= p * row[j] / SAMPLES;
          for (int k = 0; k < features; k++) {
            hessian[j][k] += p * (1 - p) * row[j] * row[k] / SAMPLES;
          }
        }
      }
      double[] direction = solve(hessian, gradient);
      double before = loss(weights);
      double share = 1;
      double[] next = moved(weights, direction, share);
      while (loss(next) > before && share > 1e-10) {
        share /= 2;
        next = moved(weights, direction, share);
      }
      if (before - loss(next) < 1e-15) return weights;
      weights = next;
    }
    return weights;
  }

  private static double[] moved(double[] from, double[] direction, double share) {
    double[] to = from.clone();
    for (int j = 0; j < to.length; j++) to[j] -= share * direction[j];
    return to;
  }

  /** {@code a·x = b} for a positive definite matrix, by elimination. */
  private static double[] solve(double[][] a, double[] b) {
    int n = b.length;
    double[] x = b.clone();
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        double factor = a[j][i] / a[i][i];
        for (int k = i; k < n; k++) a[j][k] -= factor * a[i][k];
        x[j] -= factor * x[i];
      }
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) x[i] -= a[i][k] * x[k];
      x[i] /= a[i][i];
    }
    return x;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }
}
