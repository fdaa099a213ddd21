package io.otium.core.tensor;

import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Loss functions, PyTorch's by name. */
public final class Losses {
  /** Targets of this value count for nothing. */
  public static final long IGNORED = -100;

  private Losses() {}

  /** The mean over the targets that are not {@link #IGNORED}; see below. */
  public static Tensor crossEntropy(Tensor logits, Tensor targets) {
    return crossEntropy(logits, targets, null, Reduction.MEAN, IGNORED, 0);
  }

  /**
   * @param logits {@code [n, classes]}, or {@code [n, classes, ...]}
   * @param targets {@code [n]}, or {@code [n, ...]}, classes as I64; or probabilities of the
   *     logits' shape
   * @param weight {@code [classes]}: how much each class counts; or null
   * @param ignoreIndex the target that counts for nothing
   * @param labelSmoothing 0 to 1: how much of the target is spread evenly over the classes
   */
  public static Tensor crossEntropy(
      Tensor logits,
      Tensor targets,
      @Nullable Tensor weight,
      Reduction reduction,
      long ignoreIndex,
      double labelSmoothing) {
    var w = Native.optional(weight);
    try {
      return new Tensor(
          torch.cross_entropy_loss(
              logits.n, targets.n, w, reduction.code, ignoreIndex, labelSmoothing));
    } catch (RuntimeException failure) {
      throw TensorException.of("crossEntropy", failure, logits, targets, weight);
    } finally {
      Native.release(w);
    }
  }

  /**
   * @param logProbs {@code [n, classes]}
   * @param targets {@code [n]}, I64
   */
  public static Tensor nll(Tensor logProbs, Tensor targets, Reduction reduction) {
    return Native.binary(
        "nll",
        logProbs,
        targets,
        (x, y) -> torch.nll_loss(x, y, Native.NO_TENSOR, reduction.code, IGNORED));
  }

  /** Squared differences. */
  public static Tensor mse(Tensor x, Tensor target, Reduction reduction) {
    return Native.binary("mse", x, target, (a, b) -> torch.mse_loss(a, b, reduction.code));
  }

  /** Absolute differences. */
  public static Tensor l1(Tensor x, Tensor target, Reduction reduction) {
    return Native.binary("l1", x, target, (a, b) -> torch.l1_loss(a, b, reduction.code));
  }

  /** Squared below {@code delta}, absolute beyond. */
  public static Tensor huber(Tensor x, Tensor target, Reduction reduction, double delta) {
    return Native.binary(
        "huber", x, target, (a, b) -> torch.huber_loss(a, b, reduction.code, delta));
  }

  /**
   * @param x probabilities
   * @param target 0 to 1, of the same shape
   */
  public static Tensor binaryCrossEntropy(Tensor x, Tensor target, Reduction reduction) {
    return Native.binary(
        "binaryCrossEntropy",
        x,
        target,
        (a, b) -> torch.binary_cross_entropy(a, b, Native.NO_TENSOR, reduction.code));
  }

  /**
   * @param logits before the sigmoid
   * @param target 0 to 1, of the same shape
   */
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor logits, Tensor target, Reduction reduction) {
    return Native.binary(
        "binaryCrossEntropyWithLogits",
        logits,
        target,
        (a, b) ->
            torch.binary_cross_entropy_with_logits(
                a, b, Native.NO_TENSOR, Native.NO_TENSOR, reduction.code));
  }

  /**
   * {@code target · (log target − x)}: the divergence of {@code exp(x)} from the target. {@link
   * Reduction#MEAN} is over all elements, as in PyTorch; for the mean over a batch divide the sum.
   *
   * @param x logarithms of probabilities
   * @param target probabilities, or their logarithms
   * @param logTarget whether the target is in logarithms
   */
  public static Tensor klDiv(Tensor x, Tensor target, Reduction reduction, boolean logTarget) {
    return Native.binary(
        "klDiv", x, target, (a, b) -> torch.kl_div(a, b, reduction.code, logTarget));
  }
}
