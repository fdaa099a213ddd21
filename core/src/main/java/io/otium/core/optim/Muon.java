package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Muon (Jordan et al., kellerjordan.github.io/posts/muon) as torch.optim has it: a matrix's
 * momentum with its singular values moved towards 1 by Newton–Schulz iterations.
 *
 * <pre>
 * B ← μ·B + (1 − μ)·G,  M = (1 − μ)·G + μ·B with Nesterov, else B
 * X = M/‖M‖, five times: A = X·Xᵀ,  X ← a·X + (b·A + c·A²)·X
 * θ ← θ − lr·λ·θ − lr·scale·X
 * </pre>
 *
 * For the hidden layers' matrices; embeddings, heads and vectors take another rule, as in {@link
 * #groups}.
 */
@Doc("Orthogonalised momentum, for matrices of hidden layers")
public record Muon(
    @Doc("Learning rate") @Range(min = 0) double lr,
    @Doc("Decay of the mean of gradients") @Range(min = 0, max = 1, maxOpen = true) double momentum,
    @Doc("Look ahead along the momentum (Nesterov)") boolean nesterov,
    @Doc("Newton–Schulz iterations") @Range(min = 1, max = 99) int iterations,
    @Doc(
            "original: √(rows/columns), at least 1; match-rms-adamw: 0.2·√(the larger), for"
                + " AdamW's learning rates; spectral-unclamped: √(rows/columns)")
        Scale scale,
    @Doc("Share of a weight that a step with learning rate 1 would take away") @Range(min = 0)
        double weightDecay,
    @Doc("Iterate in BF16, as PyTorch does, rather than in F32") boolean bf16)
    implements UpdateRule {

  /** What multiplies the learning rate of a matrix. */
  public enum Scale {
    ORIGINAL,
    MATCH_RMS_ADAMW,
    SPECTRAL_UNCLAMPED;

    double of(long rows, long columns) {
      return switch (this) {
        case ORIGINAL -> Math.sqrt(Math.max(1, (double) rows / columns));
        case MATCH_RMS_ADAMW -> 0.2 * Math.sqrt(Math.max(rows, columns));
        case SPECTRAL_UNCLAMPED -> Math.sqrt((double) rows / columns);
      };
    }
  }

  /** PyTorch's. */
  public static final Muon DEFAULTS = new Muon(1e-3, 0.95, true, 5, Scale.ORIGINAL, 0.1, true);

  private static final String MOMENTUM = "momentum_buffer";
  private static final double A = 3.4445;
  private static final double B = -4.7750;
  private static final double C = 2.0315;
  private static final double EPS = 1e-7;

  public Muon withLr(double rate) {
    return new Muon(rate, momentum, nesterov, iterations, scale, weightDecay, bf16);
  }

  /**
   * Muon for the matrices, another rule for the rest.
   *
   * @param rest for what is no matrix, and what {@code excluded} names: embeddings and the head
   */
  public static List<ParameterGroup> groups(
      Muon muon, UpdateRule rest, Map<String, Tensor> parameters, Predicate<String> excluded) {
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    Map<String, Tensor> others = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) ->
            (parameter.dim() == 2 && !excluded.test(name) ? hidden : others).put(name, parameter));
    return List.of(
        ParameterGroup.of("hidden", muon, hidden), ParameterGroup.of("rest", rest, others));
  }

  @Override
  public void require(String name, Tensor parameter) {
    if (parameter.dim() != 2) {
      throw new IllegalArgumentException(
          "Muon updates matrices, and parameter %s has the shape %s"
              .formatted(name, Shapes.text(parameter.shape())));
    }
  }

  @Override
  public Map<String, Tensor> newState(Tensor weight) {
    return Map.of(MOMENTUM, Tensor.zeros(weight.dtype(), weight.shape()));
  }

  @Override
  public void update(Updates updates, double lr, double weightDecay) {
    for (Updates.Update update : updates.each()) {
      try (var _ = new Scope()) {
        Tensor gradient = update.gradient();
        Tensor buffer = Objects.requireNonNull(update.state().get(MOMENTUM));
        buffer.lerpInPlace(gradient, 1 - momentum);
        Tensor direction = nesterov ? gradient.lerp(buffer, momentum) : buffer;
        Tensor weight = update.weight();
        double rate = lr * scale.of(weight.size(0), weight.size(1));
        if (weightDecay != 0) weight.mulInPlace(1 - lr * weightDecay);
        weight.addInPlace(orthogonalised(direction), -rate);
      }
    }
  }

  /** {@code [rows, columns]} with singular values near 1, in the type of the iterations. */
  private Tensor orthogonalised(Tensor matrix) {
    boolean tall = matrix.size(0) > matrix.size(1);
    Tensor x = bf16 ? matrix.to(DType.BF16) : matrix;
    if (tall) x = x.transpose(0, 1);
    x = x.div(x.norm().clampMin(EPS));
    for (int i = 0; i < iterations; i++) {
      Tensor gram = x.mm(x.transpose(0, 1));
      Tensor polynomial = gram.copy().addmmInPlace(gram, gram, B, C);
      x = x.copy().addmmInPlace(polynomial, x, A, 1);
    }
    return tall ? x.transpose(0, 1) : x;
  }
}
