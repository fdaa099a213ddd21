package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import io.otium.core.tensor.Dispatch;
import io.otium.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba, arXiv 1412.6980), by libtorch's fused operator. Its weight decay is an L2
 * penalty: {@code g ← g + λ·θ} before the moments, which scale it.
 */
@Doc("Adam; weight decay as an L2 penalty")
public record Adam(
    @Doc("Learning rate") @Range(min = 0) double lr,
    @Doc("Decay of the mean of gradients") @Range(min = 0, max = 1, maxOpen = true) double beta1,
    @Doc("Decay of the mean of squared gradients") @Range(min = 0, max = 1, maxOpen = true)
        double beta2,
    @Doc("Added to the root of the mean of squares") @Range(min = 0) double eps,
    @Doc("L2 penalty, added to the gradient") @Range(min = 0) double weightDecay)
    implements UpdateRule {

  /** PyTorch's. */
  public static final Adam DEFAULTS = new Adam(1e-3, 0.9, 0.999, 1e-8, 0);

  public Adam withLr(double rate) {
    return new Adam(rate, beta1, beta2, eps, weightDecay);
  }

  @Override
  public Map<String, Tensor> newState(Tensor weight) {
    return AdamW.moments(weight);
  }

  @Override
  public void update(Updates updates, double lr, double weightDecay) {
    Dispatch.call(
        "aten::_fused_adam_",
        updates.weights(),
        updates.gradients(),
        updates.state(AdamW.MEAN),
        updates.state(AdamW.SQUARES),
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
