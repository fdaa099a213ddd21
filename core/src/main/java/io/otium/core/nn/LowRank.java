package io.otium.core.nn;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The mathematics of low-rank updates of a product {@code W x}, with {@code W [outputs, inputs]}:
 *
 * <ul>
 *   <li>LoRA (Hu et al., arXiv 2106.09685): {@code W x + s · B A x}, with {@code A [rank, inputs]}
 *       and {@code B [outputs, rank]}, which begins at zero;
 *   <li>DoRA (Liu et al., arXiv 2402.09353): {@code m / ‖W + s B A‖ · (W x + s · B A x)}, with a
 *       trained magnitude {@code m [outputs]} beside the norm of each row, which gets no gradient.
 * </ul>
 *
 * The tensors are outside all scopes and belong to whoever made this.
 *
 * @param scale s, such as alpha / rank
 * @param dropout share of x that is zeroed before A in training, 0 to 1
 * @param magnitude m, at least F32; null for LoRA
 */
public record LowRank(
    Tensor a,
    Tensor b,
    @Nullable Tensor magnitude,
    double scale,
    double dropout,
    RandomStream dropped) {

  /**
   * As training begins: the product is what it was.
   *
   * @param weight W
   * @param dora whether there is a magnitude
   */
  public static LowRank beginning(
      Tensor weight, long rank, double scale, double dropout, boolean dora, Randomness random) {
    DType type = weight.dtype();
    Tensor down = Tensor.empty(DType.F32, rank, weight.size(1));
    Tensor a =
        Init.kaimingUniform(down, Math.sqrt(5), random.stream(Randomness.INIT)).to(type).keep();
    Tensor b = Tensor.zeros(type, weight.size(0), rank).keep();
    Tensor magnitude = dora ? Autograd.noGrad(() -> norms(wide(weight)).keep()) : null;
    return new LowRank(a, b, magnitude, scale, dropout, random.stream(Randomness.DROPOUT));
  }

  /** Of each row, {@code [outputs]}. */
  private static Tensor norms(Tensor weight) {
    return weight.square().sum(1).sqrt();
  }

  /** At least F32. */
  private static Tensor wide(Tensor x) {
    return x.dtype() == DType.BF16 || x.dtype() == DType.F16 ? x.to(DType.F32) : x;
  }

  /**
   * What is added to {@code W x}: {@code [..., outputs]}.
   *
   * @param weight W, by which DoRA multiplies once more: its result is the product's, stretched
   */
  public Tensor update(Tensor weight, Tensor x, boolean training) {
    Tensor in = training ? Functional.dropout(x, dropout, dropped) : x;
    Tensor low = Functional.linear(Functional.linear(in, a, null), b, null).mul(scale);
    Tensor m = magnitude;
    if (m == null) return low;
    // the factor is close to 1, where bf16 has steps of 1/256: what it differs by is exact
    Tensor gain = m.div(Autograd.noGrad(() -> adaptedNorms(weight))).sub(1).to(low.dtype());
    return low.add(low.add(Functional.linear(in, weight, null)).mul(gain));
  }

  /**
   * ‖W + s B A‖ of each row without the sum itself: {@code ‖w‖² + 2 s b · A w + s² b · A Aᵀ b} for
   * a row w of W and b of B.
   */
  private Tensor adaptedNorms(Tensor weight) {
    Tensor rows = wide(b);
    Tensor down = wide(a);
    Tensor along = wide(weight.matmul(a.transpose(0, 1)));
    Tensor within = rows.matmul(down.matmul(down.transpose(0, 1)));
    Tensor squares = wide(weight).square().sum(1);
    return squares
        .add(along.mul(rows).sum(1).mul(2 * scale))
        .add(within.mul(rows).sum(1).mul(scale * scale))
        .sqrt();
  }

  /** The adapted weight, {@code [outputs, inputs]}, as {@code weight} is. */
  public Tensor merged(Tensor weight) {
    Tensor sum = wide(weight).add(delta());
    Tensor m = magnitude;
    if (m != null) sum = sum.mul(m.div(norms(sum)).unsqueeze(1));
    return sum.to(weight.dtype());
  }

  /** s B A, {@code [outputs, inputs]}, at least F32. */
  public Tensor delta() {
    return wide(b).matmul(wide(a)).mul(scale);
  }
}
