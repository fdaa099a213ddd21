package io.otium.core.optim;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Each sample's own gradient, where a batch's backward pass gives only their sum.
 *
 * <p>For a linear layer it costs no further pass: the gradient of sample n is {@code Σ_t g_nt ·
 * x_ntᵀ}, with the layer's input {@code x} and the gradient {@code g} that arrives at its output,
 * which {@link Tensor#onGradient} hands over during the batch's one backward pass. The squared norm
 * does not even need that product (Goodfellow, arXiv 1510.01799; Li et al., arXiv 2110.05679). For
 * all else there is one pass a sample.
 */
public final class PerSampleGradients {
  private PerSampleGradients() {}

  /**
   * By a forward and backward pass a sample.
   *
   * @param loss of sample i, a scalar
   * @return for each parameter {@code [samples, …]}
   */
  public static List<Tensor> of(int samples, IntFunction<Tensor> loss, List<Tensor> parameters) {
    if (samples < 1) throw new TensorException("gradients of at least one sample, not " + samples);
    List<List<Tensor>> rows = new ArrayList<>();
    for (int k = 0; k < parameters.size(); k++) rows.add(new ArrayList<>());
    try (var all = new Scope()) {
      for (int i = 0; i < samples; i++) {
        try (var one = new Scope()) {
          List<Tensor> gradients = Autograd.grad(loss.apply(i), parameters);
          for (int k = 0; k < rows.size(); k++) rows.get(k).add(one.keep(gradients.get(k)));
        }
      }
      List<Tensor> stacked = new ArrayList<>();
      for (List<Tensor> row : rows) stacked.add(all.keep(Tensor.stack(row, 0)));
      return stacked;
    }
  }

  /**
   * Of a linear layer's weight.
   *
   * @param input {@code [samples, in]} or {@code [samples, tokens, in]}
   * @param outputGradient {@code [samples, out]} or {@code [samples, tokens, out]}, of the sum of
   *     the samples' losses
   * @return {@code [samples, out, in]}
   */
  public static Tensor linear(Tensor input, Tensor outputGradient) {
    Tensor x = tokens("input", input);
    Tensor g = tokens("outputGradient", outputGradient);
    return g.transpose(1, 2).bmm(x);
  }

  /**
   * Squared Euclidean norms of {@link #linear}, without forming it: {@code Σ_{t,s} (x_t·x_s)(g_t ·
   * g_s)}. Cheaper where {@code 2·tokens² < in·out}.
   *
   * @return {@code [samples]}
   */
  public static Tensor linearSquaredNorms(Tensor input, Tensor outputGradient) {
    Tensor x = tokens("input", input);
    Tensor g = tokens("outputGradient", outputGradient);
    return x.bmm(x.transpose(1, 2)).mulInPlace(g.bmm(g.transpose(1, 2))).sum(1, 2);
  }

  private static Tensor tokens(String name, Tensor tensor) {
    Tensor three = tensor.dim() == 2 ? tensor.unsqueeze(1) : tensor;
    return Shapes.requireDim(name, three, 3, "[samples, tokens, features]").detach();
  }
}
