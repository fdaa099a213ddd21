package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Range;
import io.otium.core.tensor.Dispatch;
import io.otium.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent, by libtorch's fused operator.
 *
 * <pre>
 * g ← g + λ·θ
 * b ← μ·b + g
 * θ ← θ − lr·b, with Nesterov θ ← θ − lr·(g + μ·b)
 * </pre>
 */
@Doc("Stochastic gradient descent")
public record Sgd(
    @Doc("Learning rate") @Range(min = 0) double lr,
    @Doc("Share of the last step's direction that is kept") @Range(min = 0) double momentum,
    @Doc("Look ahead along the momentum (Nesterov)") boolean nesterov,
    @Doc("L2 penalty, added to the gradient") @Range(min = 0) double weightDecay)
    implements UpdateRule {

  /** PyTorch's: no momentum. */
  public static final Sgd DEFAULTS = new Sgd(1e-3, 0, false, 0);

  private static final String MOMENTUM = "momentum_buffer";

  public Sgd {
    if (nesterov && momentum == 0) {
      throw OptionException.refused("nesterov", "needs a momentum above 0");
    }
  }

  public Sgd withLr(double rate) {
    return new Sgd(rate, momentum, nesterov, weightDecay);
  }

  @Override
  public Map<String, Tensor> newState(Tensor weight) {
    return momentum == 0
        ? Map.of()
        : Map.of(MOMENTUM, Tensor.zeros(weight.dtype(), weight.shape()));
  }

  @Override
  public void update(Updates updates, double lr, double weightDecay) {
    Dispatch.call(
        "aten::_fused_sgd_",
        updates.weights(),
        updates.gradients(),
        momentum == 0 ? List.of() : updates.state(MOMENTUM),
        weightDecay,
        momentum,
        lr,
        0.0,
        nesterov,
        false,
        false);
  }
}
