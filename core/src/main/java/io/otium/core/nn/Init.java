package io.otium.core.nn;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.LinearAlgebra;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.TensorException;

/**
 * Initial values, PyTorch's by name. Each overwrites a tensor and returns it. Of a weight {@code
 * [outputs, inputs, kernel...]}, the fan in is {@code inputs · kernel}, the fan out {@code outputs
 * · kernel}.
 */
public final class Init {
  private Init() {}

  public static Tensor uniform(Tensor tensor, double from, double to, RandomStream random) {
    try (var _ = new NoGrad()) {
      return random.uniformInPlace(tensor, from, to);
    }
  }

  public static Tensor normal(Tensor tensor, double std, RandomStream random) {
    try (var _ = new NoGrad()) {
      return random.normalInPlace(tensor, 0, std);
    }
  }

  /** Normal, drawn again where it lies beyond two standard deviations. */
  public static Tensor truncatedNormal(Tensor tensor, double std, RandomStream random) {
    try (var _ = new NoGrad();
        var _ = new Scope()) {
      Tensor drawn = random.normalInPlace(Tensor.empty(tensor.dtype(), tensor.shape()), 0, 1);
      Tensor beyond = drawn.abs().gt(2);
      while (beyond.any().item() != 0) {
        Tensor again = random.normalInPlace(Tensor.empty(tensor.dtype(), tensor.shape()), 0, 1);
        drawn = beyond.where(again, drawn);
        beyond = drawn.abs().gt(2);
      }
      return tensor.copyFrom(drawn.mul(std));
    }
  }

  /** Uniform with variance {@code 2 / ((1 + slope²) · fanIn)} (He et al. 2015). */
  public static Tensor kaimingUniform(Tensor tensor, double slope, RandomStream random) {
    double bound = Math.sqrt(6 / ((1 + slope * slope) * fanIn(tensor)));
    return uniform(tensor, -bound, bound, random);
  }

  /** Normal with variance {@code 2 / fanIn}, for layers before a ReLU (He et al. 2015). */
  public static Tensor kaimingNormal(Tensor tensor, RandomStream random) {
    return normal(tensor, Math.sqrt(2.0 / fanIn(tensor)), random);
  }

  /** Uniform with variance {@code 2 / (fanIn + fanOut)} (Glorot and Bengio 2010). */
  public static Tensor xavierUniform(Tensor tensor, RandomStream random) {
    double bound = Math.sqrt(6.0 / (fanIn(tensor) + fanOut(tensor)));
    return uniform(tensor, -bound, bound, random);
  }

  /** Normal with variance {@code 2 / (fanIn + fanOut)} (Glorot and Bengio 2010). */
  public static Tensor xavierNormal(Tensor tensor, RandomStream random) {
    return normal(tensor, Math.sqrt(2.0 / (fanIn(tensor) + fanOut(tensor))), random);
  }

  /**
   * A random matrix whose rows, or columns if those are fewer, are orthonormal, times a gain (Saxe
   * et al. 2013).
   *
   * @param tensor at least two dimensions; those after the first count as one
   */
  public static Tensor orthogonal(Tensor tensor, double gain, RandomStream random) {
    long rows = tensor.size(0);
    long columns = fanIn(tensor);
    try (var _ = new NoGrad();
        var _ = new Scope()) {
      boolean wide = rows < columns;
      Tensor flat = Tensor.empty(DType.F64, Math.max(rows, columns), Math.min(rows, columns));
      LinearAlgebra.Qr qr = LinearAlgebra.qr(random.normalInPlace(flat, 0, 1));
      Tensor q = qr.q().mul(qr.r().diagonal().sign()); // uniform over all rotations
      return tensor.copyFrom((wide ? q.t() : q).mul(gain).reshape(tensor.shape()));
    }
  }

  static long fanIn(Tensor tensor) {
    if (tensor.dim() < 2) {
      throw new TensorException(
          "a fan needs at least two dimensions, not " + Shapes.text(tensor.shape()));
    }
    return tensor.numel() / tensor.size(0);
  }

  static long fanOut(Tensor tensor) {
    return fanIn(tensor) / tensor.size(1) * tensor.size(0);
  }
}
