package io.otium.core.train;

/**
 * What is learnt: the loss of a batch and its gradients. An objective computes gradients itself, so
 * that it may do so piece by piece and never hold what a whole graph would.
 *
 * @param <B> a batch
 */
public interface Objective<B> {
  /** What a batch's mean loss divides by: its targets, pairs, images. */
  double weight(B batch);

  /**
   * Adds to the parameters' gradients those of {@code scale · Σ loss}.
   *
   * @param scale one by the weight of all batches of a step
   * @return the sum of the losses over the batch, without the scale
   */
  double backward(B batch, double scale);

  /** The sum of the losses, without gradients and as at inference (no dropout). */
  double loss(B batch);

  /** Tokens or examples that a batch makes the model read: what speed is told in. */
  default long size(B batch) {
    return (long) weight(batch);
  }
}
