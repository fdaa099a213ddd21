package io.otium.core.tensor;

import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** PyTorch's {@code nn.functional}: layers without a state. */
public final class Functional {

  private Functional() {}

  /**
   * {@code x · weightᵀ + bias}.
   *
   * @param x {@code [..., inputs]}
   * @param weight {@code [outputs, inputs]}
   * @param bias {@code [outputs]} or null
   * @return {@code [..., outputs]}
   */
  public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    if (bias == null) return Native.binary("linear", x, weight, torch::linear);
    var b = Native.optional(bias);
    try {
      return new Tensor(torch.linear(x.n, weight.n, b));
    } catch (RuntimeException failure) {
      throw TensorException.of("linear", failure, x, weight, bias);
    } finally {
      Native.release(b);
    }
  }

  /**
   * Rows of a table.
   *
   * @param indices {@code [...]}, I64 or I32
   * @param weight {@code [rows, width]}
   * @return {@code [..., width]}
   */
  public static Tensor embedding(Tensor indices, Tensor weight) {
    return Native.binary("embedding", indices, weight, (i, w) -> torch.embedding(w, i));
  }

  /**
   * @param x {@code [..., width]}
   * @param weight {@code [width]} or null
   * @param bias {@code [width]} or null
   */
  public static Tensor layerNorm(
      Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    var w = Native.optional(weight);
    var b = Native.optional(bias);
    try {
      return new Tensor(torch.layer_norm(x.n, new long[] {x.size(-1)}, w, b, eps, false));
    } catch (RuntimeException failure) {
      throw TensorException.of("layerNorm", failure, x, weight, bias);
    } finally {
      Native.release(w);
      Native.release(b);
    }
  }

  /**
   * @param x {@code [..., width]}
   * @param weight {@code [width]} or null
   */
  public static Tensor rmsNorm(Tensor x, @Nullable Tensor weight, double eps) {
    var w = Native.optional(weight);
    try (var e = new DoubleOptional(eps)) {
      return new Tensor(torch.rms_norm(x.n, new long[] {x.size(-1)}, w, e));
    } catch (RuntimeException failure) {
      throw TensorException.of("rmsNorm", failure, x, weight);
    } finally {
      Native.release(w);
    }
  }

  /**
   * @param x {@code [batch, channels, ...]}
   * @param weight {@code [channels]} or null
   * @param bias {@code [channels]} or null
   */
  public static Tensor groupNorm(
      Tensor x, long groups, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    var w = Native.optional(weight);
    var b = Native.optional(bias);
    try {
      return new Tensor(torch.group_norm(x.n, groups, w, b, eps, false));
    } catch (RuntimeException failure) {
      throw TensorException.of("groupNorm", failure, x, weight, bias);
    } finally {
      Native.release(w);
      Native.release(b);
    }
  }

  /**
   * Normalises by the batch's own mean and variance in training, and moves the running ones towards
   * them; else by the running ones.
   *
   * @param x {@code [batch, channels, ...]}
   * @param runningMean {@code [channels]}
   * @param runningVar {@code [channels]}
   * @param weight {@code [channels]} or null
   * @param bias {@code [channels]} or null
   * @param momentum how far the running ones move, 0 to 1
   */
  public static Tensor batchNorm(
      Tensor x,
      Tensor runningMean,
      Tensor runningVar,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      boolean training,
      double momentum,
      double eps) {
    var mean = Native.optional(runningMean);
    var var = Native.optional(runningVar);
    var w = Native.optional(weight);
    var b = Native.optional(bias);
    try {
      return new Tensor(torch.batch_norm(x.n, w, b, mean, var, training, momentum, eps, false));
    } catch (RuntimeException failure) {
      throw TensorException.of("batchNorm", failure, x, runningMean, weight);
    } finally {
      mean.close();
      var.close();
      Native.release(w);
      Native.release(b);
    }
  }

  /**
   * @param x {@code [batch, channels, length]}
   * @param weight {@code [outputs, channels / groups, width]}
   * @param bias {@code [outputs]} or null
   */
  public static Tensor conv1d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long stride,
      long padding,
      long dilation,
      long groups) {
    Shapes.requireDim("the input of conv1d", x, 3, "[batch, channels, length]");
    var b = Native.optional(bias);
    try {
      return new Tensor(
          torch.conv1d(
              x.n, weight.n, b, sizes(stride, 1), sizes(padding, 1), sizes(dilation, 1), groups));
    } catch (RuntimeException failure) {
      throw TensorException.of("conv1d", failure, x, weight, bias);
    } finally {
      Native.release(b);
    }
  }

  /**
   * @param x {@code [batch, channels, height, width]}
   * @param weight {@code [outputs, channels / groups, height, width]}
   * @param bias {@code [outputs]} or null
   */
  public static Tensor conv2d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long stride,
      long padding,
      long dilation,
      long groups) {
    Shapes.requireDim("the input of conv2d", x, 4, "[batch, channels, height, width]");
    var b = Native.optional(bias);
    try {
      return new Tensor(
          torch.conv2d(
              x.n, weight.n, b, sizes(stride, 2), sizes(padding, 2), sizes(dilation, 2), groups));
    } catch (RuntimeException failure) {
      throw TensorException.of("conv2d", failure, x, weight, bias);
    } finally {
      Native.release(b);
    }
  }

  /**
   * @param x {@code [batch, channels, length]}
   */
  public static Tensor maxPool1d(Tensor x, long kernel, long stride, long padding) {
    return Native.unary(
        "maxPool1d",
        x,
        n ->
            torch.max_pool1d(
                n, sizes(kernel, 1), sizes(stride, 1), sizes(padding, 1), sizes(1, 1), false));
  }

  /**
   * @param x {@code [batch, channels, height, width]}
   */
  public static Tensor maxPool2d(Tensor x, long kernel, long stride, long padding) {
    return Native.unary(
        "maxPool2d",
        x,
        n ->
            torch.max_pool2d(
                n, sizes(kernel, 2), sizes(stride, 2), sizes(padding, 2), sizes(1, 2), false));
  }

  /**
   * @param x {@code [batch, channels, length]}
   */
  public static Tensor avgPool1d(Tensor x, long kernel, long stride, long padding) {
    return Native.unary(
        "avgPool1d",
        x,
        n ->
            torch.avg_pool1d(
                n, sizes(kernel, 1), sizes(stride, 1), sizes(padding, 1), false, true));
  }

  /**
   * @param x {@code [batch, channels, height, width]}
   */
  public static Tensor avgPool2d(Tensor x, long kernel, long stride, long padding) {
    return Native.unary(
        "avgPool2d",
        x,
        n ->
            torch.avg_pool2d(
                n,
                sizes(kernel, 2),
                sizes(stride, 2),
                sizes(padding, 2),
                false,
                true,
                Native.NO_LONG));
  }

  /**
   * @param x {@code [batch, channels, height, width]}
   * @return {@code [batch, channels, outHeight, outWidth]}
   */
  public static Tensor adaptiveAvgPool2d(Tensor x, long outHeight, long outWidth) {
    return Native.unary(
        "adaptiveAvgPool2d", x, n -> torch.adaptive_avg_pool2d(n, outHeight, outWidth));
  }

  private static long[] sizes(long size, int dims) {
    return dims == 1 ? new long[] {size} : new long[] {size, size};
  }

  /**
   * {@code softmax(q · kᵀ · scale + mask) · v}, without holding all scores where libtorch can.
   *
   * @param q {@code [batch, heads, queries, headDim]}
   * @param k {@code [batch, kvHeads, keys, headDim]}, where kvHeads divides heads
   * @param v {@code [batch, kvHeads, keys, valueDim]}
   * @param mask broadcast to {@code [batch, heads, queries, keys]}: BOOL, true where attention may
   *     go, or of q's type, added; or null
   * @param causal each query sees the keys up to its own place; not with a mask
   * @param scale null for {@code 1/√headDim}
   * @return {@code [batch, heads, queries, valueDim]}
   */
  public static Tensor scaledDotProductAttention(
      Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal, @Nullable Double scale) {
    if (causal && mask != null) {
      throw new TensorException("attention is either causal or masked, not both");
    }
    boolean grouped = q.dim() == 4 && k.dim() == 4 && q.size(1) != k.size(1);
    var m = Native.optional(mask);
    try (var s = scale == null ? new DoubleOptional() : new DoubleOptional(scale)) {
      return new Tensor(
          torch.scaled_dot_product_attention(q.n, k.n, v.n, m, 0, causal, s, grouped));
    } catch (RuntimeException failure) {
      throw TensorException.of("scaledDotProductAttention", failure, q, k, v, mask);
    } finally {
      Native.release(m);
    }
  }

  /** In Einstein's notation, e.g. {@code "bij,bjk->bik"}. */
  public static Tensor einsum(String equation, Tensor... operands) {
    try (TensorVector all = Native.vector(List.of(operands))) {
      return new Tensor(torch.einsum(equation, all));
    } catch (RuntimeException failure) {
      throw TensorException.of("einsum " + equation, failure, operands);
    }
  }

  /**
   * @param indices whole numbers from 0 to {@code classes − 1}, I64
   * @return {@code [..., classes]}, I64
   */
  public static Tensor oneHot(Tensor indices, long classes) {
    return Native.unary("oneHot", indices, x -> torch.one_hot(x, classes));
  }

  /**
   * Fills up with a value.
   *
   * @param padding before and after the last dimension, then the one before it, and so on
   */
  public static Tensor pad(Tensor x, double value, long... padding) {
    return Native.withScalar("pad", x, value, (n, s) -> torch.constant_pad_nd(n, padding, s));
  }

  /** Divides by the Euclidean norm along a dimension, or by {@code eps} where that is less. */
  public static Tensor normalize(Tensor x, long dim, double eps) {
    return x.div(x.norm(2, true, dim).clampMin(eps));
  }

  /** Along a dimension, which the result lacks. */
  public static Tensor cosineSimilarity(Tensor a, Tensor b, long dim) {
    return Native.binary(
        "cosineSimilarity", a, b, (x, y) -> torch.cosine_similarity(x, y, dim, 1e-8));
  }

  /**
   * Zeros elements by chance and scales the others, so that the expectation stays.
   *
   * @param p the probability of a zero, 0 to 1
   * @param stream what decides
   */
  public static Tensor dropout(Tensor x, double p, RandomStream stream) {
    if (!(p >= 0 && p <= 1)) throw new TensorException("dropout is from 0 to 1, not " + p);
    if (p == 0) return x;
    try (Tensor mask = stream.bernoulli(1 - p, x.dtype(), x.shape())) {
      return x.mul(p == 1 ? mask : mask.divInPlace(1 - p));
    }
  }
}
