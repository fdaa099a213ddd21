package io.otium.core.nn;

import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Tensor;

/**
 * Mean 0 and variance 1 of each channel over a batch, then a learnt scale and shift (Ioffe and
 * Szegedy 2015): {@code [batch, channels]} and with any dimensions after those. Once trained, by
 * running statistics.
 */
public final class BatchNorm extends Layer {
  private static final double MOMENTUM = 0.1;
  private static final double EPS = 1e-5;

  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;

  public BatchNorm(long channels) {
    weight = parameter("weight", Tensor.ones(channels));
    bias = parameter("bias", Tensor.zeros(channels));
    runningMean = buffer("running_mean", Tensor.zeros(channels));
    runningVar = buffer("running_var", Tensor.ones(channels));
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.batchNorm(
        x, runningMean, runningVar, weight, bias, isTraining(), MOMENTUM, EPS);
  }
}
