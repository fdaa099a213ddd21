package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import io.otium.core.tensor.Dispatch;
import io.otium.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), by libtorch's fused
 * operator: one pass over memory.
 *
 * <pre>
 * θ ← θ − lr·λ·θ
 * m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * θ ← θ − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 */
@Doc("Adam with decoupled weight decay")
public record AdamW(
    @Doc("Learning rate") @Range(min = 0) double lr,
    @Doc("Decay of the mean of gradients") @Range(min = 0, max = 1, maxOpen = true) double beta1,
    @Doc("Decay of the mean of squared gradients") @Range(min = 0, max = 1, maxOpen = true)
        double beta2,
    @Doc("Added to the root of the mean of squares") @Range(min = 0) double eps,
    @Doc("Share of a weight that a step with learning rate 1 would take away") @Range(min = 0)
        double weightDecay)
    implements UpdateRule {

  /** PyTorch's. */
  public static final AdamW DEFAULTS = new AdamW(1e-3, 0.9, 0.999, 1e-8, 0.01);

  static final String MEAN = "exp_avg";
  static final String SQUARES = "exp_avg_sq";

  public AdamW withLr(double rate) {
    return new AdamW(rate, beta1, beta2, eps, weightDecay);
  }

  @Override
  public Map<String, Tensor> newState(Tensor weight) {
    return moments(weight);
  }

  static Map<String, Tensor> moments(Tensor weight) {
    return Map.of(
        MEAN, Tensor.zeros(weight.dtype(), weight.shape()),
        SQUARES, Tensor.zeros(weight.dtype(), weight.shape()));
  }

  @Override
  public void update(Updates updates, double lr, double weightDecay) {
    Dispatch.call(
        "aten::_fused_adamw_",
        updates.weights(),
        updates.gradients(),
        updates.state(MEAN),
        updates.state(SQUARES),
        List.of(),
        updates.steps(),
        lr,
        beta1,
        beta2,
        weightDecay,
        eps,
        false,
        false);
  }
}
