package io.otium.core.train;

/**
 * What a step did.
 *
 * @param step from 1
 * @param epoch passes over the data that were finished before it
 * @param loss mean over the step's targets, before its update
 * @param gradientNorm of all gradients together, before they were clipped
 * @param learningRate of the first group
 * @param size tokens (or examples) read
 * @param seconds it took, with its data and without its callbacks
 */
public record TrainStep(
    long step,
    int epoch,
    double loss,
    double gradientNorm,
    double learningRate,
    long size,
    double seconds) {
  /** Tokens (or examples) a second. */
  public double rate() {
    return size / seconds;
  }
}
