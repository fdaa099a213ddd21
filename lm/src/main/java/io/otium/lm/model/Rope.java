package io.otium.lm.model;

import java.util.List;

/**
 * Rotary positions. Element i of a head's first half and element i of its second half are a point
 * in the plane, turned by {@code position · inverseFrequencies[i]} radians (Hugging Face's "rotate
 * half"; {@link Weights} brings GGUF's interleaved rows into this order).
 *
 * @param theta the base of the frequencies
 */
public record Rope(double theta, Scaling scaling) {

  /**
   * Radians a position for each pair of elements: {@code [headDim / 2]}. In single precision, as
   * the reference computes them: at position 8,000 the rounding shows.
   */
  public float[] inverseFrequencies(int headDim) {
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float plain = (float) (1 / Math.pow(theta, 2.0 * i / headDim));
      frequencies[i] = (float) scaling.scale(plain, i, theta, headDim);
    }
    return frequencies;
  }

  /**
   * The angles of a position, as half cosines, then half sines.
   *
   * @param frequencies see {@link #inverseFrequencies}
   * @param table receives them at {@code [at, at + 2 · frequencies.length)}
   */
  public void angles(int position, float[] frequencies, float[] table, int at) {
    int half = frequencies.length;
    for (int i = 0; i < half; i++) {
      float angle = position * frequencies[i];
      table[at + i] = (float) Math.cos(angle) * amplitude();
      table[at + half + i] = (float) Math.sin(angle) * amplitude();
    }
  }

  /** Factor of both cosine and sine. */
  public float amplitude() {
    return (float) scaling.amplitude();
  }

  /** How a context beyond that of the training is reached. */
  public sealed interface Scaling {
    /** Radians a position of pair {@code i}, given those without scaling. */
    double scale(double frequency, int i, double theta, int headDim);

    default double amplitude() {
      return 1;
    }
  }

  /** No scaling. */
  public record Unscaled() implements Scaling {
    @Override
    public double scale(double frequency, int i, double theta, int headDim) {
      return frequency;
    }
  }

  /** Every position divided by the factor. */
  public record Linear(double factor) implements Scaling {
    @Override
    public double scale(double frequency, int i, double theta, int headDim) {
      return frequency / factor;
    }
  }

  /**
   * Llama 3.1: long wavelengths divided by the factor, short ones left, a ramp in between.
   *
   * @param lowFactor wavelengths above {@code originalContext / lowFactor} are divided
   * @param highFactor wavelengths below {@code originalContext / highFactor} are left
   */
  public record Llama3(double factor, double lowFactor, double highFactor, int originalContext)
      implements Scaling {
    @Override
    public double scale(double frequency, int i, double theta, int headDim) {
      double wavelength = 2 * Math.PI / frequency;
      if (wavelength > originalContext / lowFactor) {
        return frequency / factor;
      }
      if (wavelength < originalContext / highFactor) {
        return frequency;
      }
      double smooth = (originalContext / wavelength - lowFactor) / (highFactor - lowFactor);
      return (1 - smooth) * frequency / factor + smooth * frequency;
    }
  }

  /**
   * YaRN (arXiv 2309.00071): pairs that turn more than {@code betaFast} times in the original
   * context are left, those that turn less than {@code betaSlow} times are divided by the factor, a
   * ramp in between; and attention sharpened by the amplitude.
   */
  public record Yarn(
      double factor, int originalContext, double betaFast, double betaSlow, double amplitude)
      implements Scaling {
    /** The amplitude that the paper recommends (§3.4). */
    public static double defaultAmplitude(double factor) {
      return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
    }

    @Override
    public double scale(double frequency, int i, double theta, int headDim) {
      double low = Math.max(Math.floor(pairTurning(betaFast, theta, headDim)), 0);
      double high = Math.min(Math.ceil(pairTurning(betaSlow, theta, headDim)), headDim - 1);
      double ramp = Math.clamp((i - low) / Math.max(high - low, 0.001), 0, 1);
      return ramp * frequency / factor + (1 - ramp) * frequency;
    }

    private double pairTurning(double times, double theta, int headDim) {
      return headDim * Math.log(originalContext / (times * 2 * Math.PI)) / (2 * Math.log(theta));
    }
  }

  /** Each pair's frequency divided by its own factor: how GGUF stores Llama 3.1's scaling. */
  public record Factors(List<Float> factors) implements Scaling {
    public Factors {
      factors = List.copyOf(factors);
    }

    @Override
    public double scale(double frequency, int i, double theta, int headDim) {
      return frequency / factors.get(i);
    }
  }
}
