package io.otium.core.tensor;

import java.util.List;

/** Other shapes of the same elements. Most are views: they share memory with this tensor. */
public sealed interface Shaping extends TensorOps permits Tensor {

  /**
   * A view where possible, else a copy.
   *
   * @param shape one size may be −1: what is left
   */
  default Tensor reshape(long... shape) {
    return Native.unary("reshape", this, x -> x.reshape(shape));
  }

  /**
   * @param shape one size may be −1: what is left
   * @throws TensorException if the memory's order does not allow it
   */
  default Tensor view(long... shape) {
    return Native.unary("view", this, x -> x.view(shape));
  }

  default Tensor flatten() {
    return Native.unary("flatten", this, x -> x.flatten());
  }

  /** One dimension of those from {@code start} to {@code end}, both included. */
  default Tensor flatten(long start, long end) {
    return Native.unary("flatten", this, x -> x.flatten(start, end));
  }

  default Tensor unflatten(long dim, long... sizes) {
    return Native.unary("unflatten", this, x -> x.unflatten(dim, sizes));
  }

  default Tensor transpose(long dim0, long dim1) {
    return Native.unary("transpose", this, x -> x.transpose(dim0, dim1));
  }

  /** Of a matrix. */
  default Tensor t() {
    return Native.unary("t", this, x -> x.t());
  }

  /** Exchanges the last two dimensions. */
  default Tensor mT() {
    return Native.unary("mT", this, x -> x.mT());
  }

  default Tensor permute(long... dims) {
    return Native.unary("permute", this, x -> x.permute(dims));
  }

  default Tensor movedim(long from, long to) {
    return Native.unary("movedim", this, x -> x.movedim(from, to));
  }

  /** This tensor, or a copy with its elements in order. */
  default Tensor contiguous() {
    return Native.unary("contiguous", this, x -> x.contiguous());
  }

  default Tensor squeeze(long dim) {
    return Native.unary("squeeze", this, x -> x.squeeze(dim));
  }

  default Tensor unsqueeze(long dim) {
    return Native.unary("unsqueeze", this, x -> x.unsqueeze(dim));
  }

  /**
   * A view that repeats dimensions of one.
   *
   * @param shape −1 leaves a size as it is
   */
  default Tensor expand(long... shape) {
    return Native.unary("expand", this, x -> x.expand(shape));
  }

  /** A copy that repeats so many times along each dimension. */
  default Tensor repeat(long... times) {
    return Native.unary("repeat", this, x -> x.repeat(times));
  }

  /** A copy in which each slice along a dimension comes {@code times} times in a row. */
  default Tensor repeatInterleave(long times, long dim) {
    return Native.unary(
        "repeatInterleave",
        this,
        x -> {
          try (var d = new org.bytedeco.pytorch.LongOptional(dim)) {
            return x.repeat_interleave(times, d, Native.NO_LONG);
          }
        });
  }

  /** Of at most {@code size} each along a dimension. */
  default List<Tensor> split(long size, long dim) {
    return Native.manifold("split", this, x -> x.split(size, dim));
  }

  default List<Tensor> split(long[] sizes, long dim) {
    return Native.manifold("split", this, x -> x.split_with_sizes(sizes, dim));
  }

  /** So many of about equal size along a dimension. */
  default List<Tensor> chunk(long chunks, long dim) {
    return Native.manifold("chunk", this, x -> x.chunk(chunks, dim));
  }

  /** All slices along a dimension, without it. */
  default List<Tensor> unbind(long dim) {
    return Native.manifold("unbind", this, x -> x.unbind(dim));
  }

  default Tensor flip(long... dims) {
    return Native.unary("flip", this, x -> x.flip(dims));
  }

  /** Moves along a dimension, the last to the front. */
  default Tensor roll(long shift, long dim) {
    return Native.unary("roll", this, x -> x.roll(new long[] {shift}, dim));
  }

  /** Zeros above the diagonal; 0 is the main one, 1 the next above. */
  default Tensor tril(long diagonal) {
    return Native.unary("tril", this, x -> x.tril(diagonal));
  }

  /** Zeros below the diagonal; 0 is the main one, 1 the next above. */
  default Tensor triu(long diagonal) {
    return Native.unary("triu", this, x -> x.triu(diagonal));
  }

  /** The main diagonal of the first two dimensions, as the last dimension. */
  default Tensor diagonal() {
    return Native.unary("diagonal", this, x -> x.diagonal());
  }

  /** The main diagonal of the last two dimensions, as the last dimension. */
  default Tensor diagonal(long dim1, long dim2) {
    return Native.unary("diagonal", this, x -> x.diagonal(0, dim1, dim2));
  }

  /** A matrix with this vector on its diagonal, or the diagonal of this matrix. */
  default Tensor diag() {
    return Native.unary("diag", this, x -> x.diag());
  }

  /**
   * Windows along a dimension, as a new last dimension of {@code size}.
   *
   * @param step from one window's start to the next
   */
  default Tensor unfold(long dim, long size, long step) {
    return Native.unary("unfold", this, x -> x.unfold(dim, size, step));
  }
}
