package io.otium.core.tensor;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.jspecify.annotations.Nullable;

/**
 * Trades time for memory (Chen et al. 2016): a part of a network is calculated without keeping what
 * its gradient needs, and again when that is asked for.
 */
public final class GradientCheckpoint {
  private GradientCheckpoint() {}

  /**
   * Applies a part of a network, with the same result and gradients as {@code body.apply(x)}.
   *
   * @param x of any shape
   * @param random what the body draws from, such as dropout's stream: it gives the same numbers the
   *     second time; null if it draws none
   */
  public static Tensor apply(UnaryOperator<Tensor> body, Tensor x, @Nullable RandomStream random) {
    boolean trained = x.requiresGrad();
    byte[] before = random == null ? null : random.state();
    DType narrow = Autocast.current();
    Tensor held = x.detach().keep(); // the caller's handle may end before the gradient comes
    Scope.atEndOfGraph(held::close);
    return OwnGradient.apply(
        List.of(x),
        () -> {
          try (var scope = new Scope()) {
            Tensor y = body.apply(x);
            return scope.keep(y == x ? y.copy() : y);
          }
        },
        gradient -> {
          byte[] after = random == null ? null : random.state();
          if (random != null && before != null) random.restore(before);
          try (var scope = new Scope()) {
            Tensor again = held.detach().requiresGrad(trained);
            Tensor y = recorded(body, again, narrow);
            if (y.requiresGrad()) y.backward(gradient);
            return again.hasGrad() ? List.of(scope.keep(again.grad())) : List.of();
          } finally {
            held.close();
            if (random != null && after != null) random.restore(after);
          }
        });
  }

  private static Tensor recorded(UnaryOperator<Tensor> body, Tensor x, @Nullable DType narrow) {
    boolean enabled = GradMode.is_enabled();
    GradMode.set_enabled(true);
    try {
      if (narrow == null) return body.apply(x);
      try (var _ = new Autocast(narrow)) {
        return body.apply(x);
      }
    } finally {
      GradMode.set_enabled(enabled);
    }
  }
}
