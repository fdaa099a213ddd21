package io.otium.core.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Over all elements, to a scalar, or along dimensions; negative dimensions count from the end.
 * {@code keepDim} leaves a dimension of one.
 */
public sealed interface Reductions extends TensorOps permits Tensor {

  default Tensor sum() {
    return Native.unary("sum", this, x -> x.sum());
  }

  default Tensor sum(long... dims) {
    return Native.unary("sum", this, x -> x.sum(dims));
  }

  default Tensor sum(boolean keepDim, long... dims) {
    return Native.unary("sum", this, x -> x.sum(dims, keepDim, Native.NO_DTYPE));
  }

  default Tensor mean() {
    return Native.unary("mean", this, x -> x.mean());
  }

  default Tensor mean(long... dims) {
    return Native.unary("mean", this, x -> x.mean(dims));
  }

  default Tensor mean(boolean keepDim, long... dims) {
    return Native.unary("mean", this, x -> x.mean(dims, keepDim, Native.NO_DTYPE));
  }

  default Tensor prod() {
    return Native.unary("prod", this, x -> x.prod());
  }

  default Tensor prod(long dim) {
    return Native.unary("prod", this, x -> x.prod(dim));
  }

  /** Divides by {@code n − 1}. */
  default Tensor var() {
    return Native.unary("var", this, x -> x.var());
  }

  /**
   * @param correction what is subtracted from {@code n}: 1 for an estimate, 0 for these numbers'
   *     own
   */
  default Tensor var(int correction, boolean keepDim, long... dims) {
    return Native.unary(
        "var",
        this,
        x -> {
          try (var taken = new ScalarOptional(Native.scalar(correction))) {
            return x.var(dims, taken, keepDim);
          }
        });
  }

  /** Divides by {@code n − 1}. */
  default Tensor std() {
    return Native.unary("std", this, x -> x.std());
  }

  /**
   * @param correction what is subtracted from {@code n}: 1 for an estimate, 0 for these numbers'
   *     own
   */
  default Tensor std(int correction, boolean keepDim, long... dims) {
    return var(correction, keepDim, dims).sqrt();
  }

  default Tensor max() {
    return Native.unary("max", this, x -> x.max());
  }

  default ValuesIndices max(long dim) {
    return Native.twofold("max", this, x -> x.max(dim));
  }

  default ValuesIndices max(boolean keepDim, long dim) {
    return Native.twofold("max", this, x -> x.max(dim, keepDim));
  }

  default Tensor min() {
    return Native.unary("min", this, x -> x.min());
  }

  default ValuesIndices min(long dim) {
    return Native.twofold("min", this, x -> x.min(dim));
  }

  default ValuesIndices min(boolean keepDim, long dim) {
    return Native.twofold("min", this, x -> x.min(dim, keepDim));
  }

  /** Largest values along dimensions; equal ones share the gradient. */
  default Tensor amax(boolean keepDim, long... dims) {
    return Native.unary("amax", this, x -> x.amax(dims, keepDim));
  }

  /** Smallest values along dimensions; equal ones share the gradient. */
  default Tensor amin(boolean keepDim, long... dims) {
    return Native.unary("amin", this, x -> x.amin(dims, keepDim));
  }

  /** Index in the flattened tensor, I64. */
  default Tensor argmax() {
    return Native.unary("argmax", this, x -> x.argmax());
  }

  /** I64. */
  default Tensor argmax(long dim) {
    return Native.unary("argmax", this, x -> along(dim, d -> x.argmax(d, false)));
  }

  /** Index in the flattened tensor, I64. */
  default Tensor argmin() {
    return Native.unary("argmin", this, x -> x.argmin());
  }

  /** I64. */
  default Tensor argmin(long dim) {
    return Native.unary("argmin", this, x -> along(dim, d -> x.argmin(d, false)));
  }

  private static org.bytedeco.pytorch.Tensor along(
      long dim, java.util.function.Function<LongOptional, org.bytedeco.pytorch.Tensor> f) {
    try (var d = new LongOptional(dim)) {
      return f.apply(d);
    }
  }

  /** The {@code k} largest along a dimension, largest first. */
  default ValuesIndices topk(long k, long dim) {
    return Native.twofold("topk", this, x -> x.topk(k, dim, true, true));
  }

  /** The {@code k} largest, or smallest, along a dimension, in order. */
  default ValuesIndices topk(long k, long dim, boolean largest) {
    return Native.twofold("topk", this, x -> x.topk(k, dim, largest, true));
  }

  /** Equal values keep their order. */
  default ValuesIndices sort(long dim, boolean descending) {
    return Native.twofold("sort", this, x -> x.sort(Native.TRUE, dim, descending));
  }

  /** I64; equal values keep their order. */
  default Tensor argsort(long dim, boolean descending) {
    return Native.unary("argsort", this, x -> x.argsort(true, dim, descending));
  }

  /** The smaller of the two in the middle, of an even number. */
  default Tensor median() {
    return Native.unary("median", this, x -> x.median());
  }

  /**
   * @param q 0 to 1
   */
  default Tensor quantile(double q) {
    return Native.unary("quantile", this, x -> x.quantile(q));
  }

  default Tensor cumsum(long dim) {
    return Native.unary("cumsum", this, x -> x.cumsum(dim));
  }

  default Tensor cumprod(long dim) {
    return Native.unary("cumprod", this, x -> x.cumprod(dim));
  }

  default Tensor logsumexp(long... dims) {
    return Native.unary("logsumexp", this, x -> x.logsumexp(dims));
  }

  default Tensor logsumexp(boolean keepDim, long... dims) {
    return Native.unary("logsumexp", this, x -> x.logsumexp(dims, keepDim));
  }

  default Tensor softmax(long dim) {
    return Native.unary("softmax", this, x -> x.softmax(dim));
  }

  default Tensor logSoftmax(long dim) {
    return Native.unary("logSoftmax", this, x -> x.log_softmax(dim));
  }

  /** The Euclidean norm of all elements. */
  default Tensor norm() {
    return Native.unary("norm", this, x -> torch.linalg_vector_norm(x));
  }

  /**
   * @param p 2 for Euclidean, 1, 0 for the number that are not zero, or an infinity
   */
  default Tensor norm(double p, boolean keepDim, long... dims) {
    return Native.withScalar(
        "norm", this, p, (x, s) -> torch.linalg_vector_norm(x, s, dims, keepDim, Native.NO_DTYPE));
  }

  default Tensor all() {
    return Native.unary("all", this, x -> x.all());
  }

  default Tensor all(long dim) {
    return Native.unary("all", this, x -> x.all(dim));
  }

  default Tensor any() {
    return Native.unary("any", this, x -> x.any());
  }

  default Tensor any(long dim) {
    return Native.unary("any", this, x -> x.any(dim));
  }

  /** I64. */
  default Tensor countNonzero() {
    return Native.unary("countNonzero", this, x -> x.count_nonzero());
  }

  /** How often each of 0 … {@code minLength − 1} and beyond occurs in a vector of integers, I64. */
  default Tensor bincount(long minLength) {
    return Native.unary("bincount", this, x -> x.bincount(Native.NO_TENSOR, minLength));
  }
}
