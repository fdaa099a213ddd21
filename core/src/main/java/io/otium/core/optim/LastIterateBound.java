package io.otium.core.optim;

import java.util.Arrays;

/**
 * Bounds on {@code f(x_T) − f(u)} for the last iterate of subgradient descent on a convex function,
 * from the distance {@code D = ‖x₁ − u‖} and the gradients' norms {@code G_1 … G_T} (Defazio et
 * al., arXiv 2310.07831). Sums {@code w_{a:b}} include both ends.
 */
public final class LastIterateBound {
  private LastIterateBound() {}

  /** The rates of weights: {@code η_t = w_t · w_{t+1:T} / w_{1:T}}, the last of which is 0. */
  public static double[] rates(double[] weights) {
    double[] rates = new double[weights.length];
    double tail = 0;
    for (int t = weights.length - 1; t >= 0; t--) {
      rates[t] = weights[t] * tail;
      tail += weights[t];
    }
    for (int t = 0; t < rates.length; t++) rates[t] /= tail;
    return rates;
  }

  /** {@code (D² + Σ w_t²·G_t²) / (2·w_{1:T})}, for the rates of {@code weights}. */
  public static double ofWeights(double distance, double[] weights, double[] norms) {
    requireAlike(weights, norms);
    double sum = distance * distance;
    double total = 0;
    for (int t = 0; t < norms.length; t++) {
      sum += square(weights[t] * norms[t]);
      total += weights[t];
    }
    return sum / (2 * total);
  }

  /**
   * For any positive rates {@code λ}:
   *
   * <pre>
   * ½D²/Λ + ½Σ G_t²λ_t²/Λ + ½Σ_{k<T} [λ_k/(S_{k+1}·S_k)]·Σ_{j≥k} G_j²λ_j²
   *   = ½·(D²/S_1 + Σ_{t<T} G_t²λ_t²/S_{t+1} + G_T²·λ_T)
   * </pre>
   *
   * with {@code S_k = λ_{k:T}} and {@code Λ = S_1}: the brackets are {@code 1/S_{k+1} − 1/S_k} and
   * telescope. It is convex in {@code λ}.
   */
  public static double ofRates(double distance, double[] rates, double[] norms) {
    requireAlike(rates, norms);
    int last = rates.length - 1;
    double tail = rates[last];
    double sum = square(norms[last]) * tail;
    for (int t = last - 1; t >= 0; t--) {
      sum += square(norms[t] * rates[t]) / tail;
      tail += rates[t];
    }
    return (sum + square(distance) / tail) / 2;
  }

  /**
   * The same with the best last rate in place of the given one, which moves no iterate that counts.
   */
  public static double ofRatesBestLast(double distance, double[] rates, double[] norms) {
    double[] tried = rates.clone();
    int last = rates.length - 1;
    // Convex in the last rate: golden sections of its logarithm, around the others' sum.
    double scale = Math.max(Arrays.stream(rates).sum(), Double.MIN_NORMAL);
    double from = Math.log(scale) - 40;
    double to = Math.log(scale + distance / Math.max(norms[last], 1e-300)) + 10;
    double golden = (Math.sqrt(5) - 1) / 2;
    for (int i = 0; i < 200; i++) {
      double left = to - golden * (to - from);
      double right = from + golden * (to - from);
      tried[last] = Math.exp(left);
      double atLeft = ofRates(distance, tried, norms);
      tried[last] = Math.exp(right);
      if (atLeft <= ofRates(distance, tried, norms)) to = right;
      else from = left;
    }
    return ofRates(distance, tried, norms);
  }

  /**
   * The rates with the least {@link #ofRates}, exactly. With {@code S_k = r_k·S_{k+1}}, what the
   * steps from k on add to twice the bound is {@code a_k·S_k}, where {@code a_T = G_T²} and
   *
   * <pre>
   * r_k = √(1 + a_{k+1}/G_k²),  a_k = min_r (G_k²(r − 1)² + a_{k+1})/r = 2·G_k²·(r_k − 1)
   * </pre>
   *
   * and {@code S_1 = D/√a_1}. The official code reaches the same by L-BFGS-B.
   *
   * @param norms above 0
   */
  public static double[] least(double distance, double[] norms) {
    int last = norms.length - 1;
    double[] ratios = new double[norms.length];
    double a = square(norms[last]);
    for (int k = last - 1; k >= 0; k--) {
      // √(1 + x) − 1 without losing a small x.
      double x = a / square(norms[k]);
      double above = x / (Math.sqrt(1 + x) + 1);
      ratios[k] = 1 + above;
      a = 2 * square(norms[k]) * above;
    }
    double[] rates = new double[norms.length];
    double tail = distance / Math.sqrt(a);
    for (int k = 0; k < last; k++) {
      double next = tail / ratios[k];
      rates[k] = next * (ratios[k] - 1);
      tail = next;
    }
    rates[last] = tail;
    return rates;
  }

  private static double square(double x) {
    return x * x;
  }

  private static void requireAlike(double[] rates, double[] norms) {
    if (rates.length != norms.length || norms.length == 0) {
      throw new IllegalArgumentException(
          "a bound needs a norm for each step; there are %d norms and %d rates"
              .formatted(norms.length, rates.length));
    }
  }
}
