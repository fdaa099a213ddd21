package io.otium.core.optim;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Dispatch;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All parameters' gradients as one vector; those without a gradient count as zero. */
public final class Gradients {
  /** PyTorch's guard against a norm of zero. */
  private static final double EPS = 1e-6;

  private Gradients() {}

  /**
   * The norm of all gradients.
   *
   * @param p 1 or 2
   * @return 0 where no parameter has a gradient
   */
  public static double norm(Collection<Tensor> parameters, int p) {
    try (var _ = new Scope()) {
      return norm(present(parameters), p);
    }
  }

  private static double norm(List<Tensor> gradients, int p) {
    if (gradients.isEmpty()) return 0;
    var norms = Dispatch.call("aten::_foreach_norm.Scalar", gradients, p, accumulator(gradients));
    List<Tensor> each = new ArrayList<>();
    if (norms.getFirst() instanceof List<?> list) {
      for (Object norm : list) if (norm instanceof Tensor tensor) each.add(tensor.to(DType.F64));
    }
    return Tensor.stack(each, 0).norm(p, false, 0).item();
  }

  /** Sums of half precision are taken in F32; null leaves each in its own type. */
  private static @Nullable DType accumulator(List<Tensor> gradients) {
    boolean half = false;
    for (Tensor gradient : gradients) {
      DType type = gradient.dtype();
      if (type == DType.F64) return null;
      half |= type != DType.F32;
    }
    return half ? DType.F32 : null;
  }

  /**
   * Scales all gradients, in place, so that their norm as one vector is at most {@code maxNorm}: by
   * {@code maxNorm / (norm + 10⁻⁶)} if that is less than 1. Gradients whose norm is not a number
   * stay as they are.
   *
   * @return the Euclidean norm before
   */
  public static double clip(Collection<Tensor> parameters, double maxNorm) {
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException(
          "gradients are clipped to a norm above 0, not to " + maxNorm);
    }
    try (var _ = new Scope()) {
      List<Tensor> gradients = present(parameters);
      double norm = norm(gradients, 2);
      double scale = maxNorm / (norm + EPS);
      if (scale < 1) Dispatch.call("aten::_foreach_mul_.Scalar", gradients, scale);
      return norm;
    }
  }

  private static List<Tensor> present(Collection<Tensor> parameters) {
    List<Tensor> gradients = new ArrayList<>();
    for (Tensor parameter : parameters) if (parameter.hasGrad()) gradients.add(parameter.grad());
    return gradients;
  }
}
