package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Adafactor (Shazeer and Stern, arXiv 1804.04235) as torch.optim has it: of a matrix's squared
 * gradients it remembers the means of rows and columns only, of a vector's all.
 *
 * <pre>
 * ρ = min(lr, 1/√t),  α = max(ε₂, rms(θ)) · ρ,  θ ← θ − lr·λ·θ
 * R ← lerp(R, mean of g² over columns, t^γ),  C ← lerp(C, mean of g² over rows, t^γ)
 * U = g / √(R·C / mean(R)),  θ ← θ − α · U / max(1, rms(U)/d)
 * </pre>
 */
@Doc("Adam's scale of steps with the memory of rows and columns only")
public record Adafactor(
    @Doc("Largest step, relative to a weight's root mean square") @Range(min = 0) double lr,
    @Doc("Power of the step with which new squares count") @Range(max = 0) double beta2Decay,
    @Doc("Least estimate of a squared gradient; unset: the type's epsilon") @Range(min = 0)
        @Nullable Double eps1,
    @Doc("Least root mean square that a step is relative to") @Range(min = 0) double eps2,
    @Doc("Root mean square above which an update is scaled down") @Range(min = 1) double d,
    @Doc("Share of a weight that a step with learning rate 1 would take away") @Range(min = 0)
        double weightDecay)
    implements UpdateRule {

  /** PyTorch's. */
  public static final Adafactor DEFAULTS = new Adafactor(1e-2, -0.8, null, 1e-3, 1, 0);

  private static final String ROWS = "row_var";
  private static final String COLUMNS = "col_var";
  private static final String VARIANCE = "variance";

  public Adafactor withLr(double rate) {
    return new Adafactor(rate, beta2Decay, eps1, eps2, d, weightDecay);
  }

  @Override
  public Map<String, Tensor> newState(Tensor weight) {
    DType type = weight.dtype();
    if (weight.dim() < 2) return Map.of(VARIANCE, Tensor.zeros(type, weight.shape()));
    long[] rows = weight.shape();
    rows[rows.length - 1] = 1;
    long[] columns = weight.shape();
    columns[columns.length - 2] = 1;
    return Map.of(ROWS, Tensor.zeros(type, rows), COLUMNS, Tensor.zeros(type, columns));
  }

  @Override
  public void update(Updates updates, double lr, double weightDecay) {
    for (Updates.Update update : updates.each()) {
      try (var _ = new Scope()) {
        update(update, lr, weightDecay);
      }
    }
  }

  private void update(Updates.Update update, double lr, double weightDecay) {
    Tensor weight = update.weight();
    Tensor gradient = update.gradient();
    double root = Math.sqrt(weight.numel());
    double alpha =
        Math.max(eps2, weight.norm().item() / root) * Math.min(lr, 1 / Math.sqrt(update.step()));
    if (weightDecay != 0) weight.mulInPlace(1 - lr * weightDecay);
    double least = eps1 == null ? epsilon(weight.dtype()) : eps1;
    Tensor direction =
        squares(update, Math.pow(update.step(), beta2Decay), least)
            .clampMin(least * least)
            .rsqrt()
            .mulInPlace(gradient);
    double excess = Math.max(1, direction.norm().item() / (root * d));
    weight.addInPlace(direction, -alpha / excess);
  }

  /** The estimate of squared gradients, of the weight's shape, after taking in this step's. */
  private static Tensor squares(Updates.Update update, double share, double least) {
    Tensor gradient = update.gradient();
    if (gradient.dim() < 2) {
      return state(update, VARIANCE).lerpInPlace(gradient.square(), share).copy();
    }
    Tensor rows = state(update, ROWS);
    rows.lerpInPlace(gradient.norm(2, true, -1).square().divInPlace(gradient.size(-1)), share);
    Tensor columns = state(update, COLUMNS);
    columns.lerpInPlace(gradient.norm(2, true, -2).square().divInPlace(gradient.size(-2)), share);
    return rows.matmul(columns).divInPlace(rows.mean(true, -2).clampMin(least));
  }

  private static Tensor state(Updates.Update update, String name) {
    return Objects.requireNonNull(update.state().get(name), name);
  }

  private static double epsilon(DType type) {
    return switch (type) {
      case F64 -> 0x1p-52;
      case BF16 -> 0x1p-7;
      case F16 -> 0x1p-10;
      default -> 0x1p-23;
    };
  }
}
