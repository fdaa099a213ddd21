package io.otium.core.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.TensorIndex;
import org.bytedeco.pytorch.TensorIndexVector;

/** Parts of a tensor by place, by tensors of indices (I64) and by masks (BOOL). */
public sealed interface Indexing extends TensorOps permits Tensor {

  /** A view: {@code index} along a dimension, without it. Negative indices count from the end. */
  default Tensor select(long dim, long index) {
    return Native.unary("select", this, x -> x.select(dim, index));
  }

  /** A view of {@code length} from {@code start} along a dimension. */
  default Tensor narrow(long dim, long start, long length) {
    return Native.unary("narrow", this, x -> x.narrow(dim, start, length));
  }

  /**
   * A view from {@code start} to before {@code end} along a dimension, clipped to it; negative ends
   * count from the end.
   *
   * @param end {@code Long.MAX_VALUE} for all that is left
   */
  default Tensor slice(long dim, long start, long end) {
    return slice(dim, start, end, 1);
  }

  /** A view of every {@code step}th. */
  default Tensor slice(long dim, long start, long end, long step) {
    return Native.unary(
        "slice",
        this,
        x -> {
          try (var from = new LongOptional(start);
              var to = new LongOptional(end)) {
            return x.slice(dim, from, to, step);
          }
        });
  }

  /** Advanced indexing of the first dimensions: {@code this[indices[0], indices[1], …]}. */
  default Tensor index(Tensor... indices) {
    return Native.unary(
        "index",
        this,
        x -> {
          try (var places = places(indices)) {
            return x.index(places);
          }
        });
  }

  /** {@code this[indices[0], indices[1], …] = values}. */
  default Tensor indexPutInPlace(Tensor values, Tensor... indices) {
    return Native.change(
        "indexPut",
        this,
        values,
        (x, v) -> {
          try (var places = places(indices)) {
            return x.index_put_(places, v);
          }
        });
  }

  private static TensorIndexVector places(Tensor... indices) {
    var places = new TensorIndex[indices.length];
    for (int i = 0; i < places.length; i++) places[i] = new TensorIndex(indices[i].n);
    var vector = new TensorIndexVector(places);
    for (TensorIndex place : places) place.close();
    return vector;
  }

  /**
   * @param indices {@code [n]}: which slices along the dimension
   */
  default Tensor indexSelect(long dim, Tensor indices) {
    return Native.binary("indexSelect", this, indices, (x, i) -> x.index_select(dim, i));
  }

  /**
   * Adds slices of {@code source} to those that {@code indices} names.
   *
   * @param indices {@code [n]}
   * @param source of this shape, with {@code n} along the dimension
   */
  default Tensor indexAdd(long dim, Tensor indices, Tensor source) {
    return Native.of(
        "indexAdd",
        () -> Native.n(this).index_add(dim, indices.n, source.n),
        (Tensor) this,
        indices,
        source);
  }

  default Tensor indexAddInPlace(long dim, Tensor indices, Tensor source) {
    return Native.change("indexAdd", this, source, (x, s) -> x.index_add_(dim, indices.n, s));
  }

  default Tensor indexCopyInPlace(long dim, Tensor indices, Tensor source) {
    return Native.change("indexCopy", this, source, (x, s) -> x.index_copy_(dim, indices.n, s));
  }

  default Tensor indexFillInPlace(long dim, Tensor indices, double value) {
    return Native.change(
        "indexFill", this, indices, (x, i) -> x.index_fill_(dim, i, Native.scalar(x, value)));
  }

  /**
   * {@code out[i, j] = this[i, indices[i, j]]}, for the last of two dimensions.
   *
   * @param indices as many dimensions as this, each at most as large but for {@code dim}
   */
  default Tensor gather(long dim, Tensor indices) {
    return Native.binary("gather", this, indices, (x, i) -> x.gather(dim, i));
  }

  /** A copy with {@code out[i, indices[i, j]] = source[i, j]}, for the last of two dimensions. */
  default Tensor scatter(long dim, Tensor indices, Tensor source) {
    return Native.of(
        "scatter",
        () -> Native.n(this).scatter(dim, indices.n, source.n),
        (Tensor) this,
        indices,
        source);
  }

  default Tensor scatter(long dim, Tensor indices, double value) {
    return Native.binary(
        "scatter", this, indices, (x, i) -> x.scatter(dim, i, Native.scalar(x, value)));
  }

  default Tensor scatterInPlace(long dim, Tensor indices, double value) {
    return Native.change(
        "scatter", this, indices, (x, i) -> x.scatter_(dim, i, Native.scalar(x, value)));
  }

  default Tensor scatterAdd(long dim, Tensor indices, Tensor source) {
    return Native.of(
        "scatterAdd",
        () -> Native.n(this).scatter_add(dim, indices.n, source.n),
        (Tensor) this,
        indices,
        source);
  }

  default Tensor scatterAddInPlace(long dim, Tensor indices, Tensor source) {
    return Native.change("scatterAdd", this, source, (x, s) -> x.scatter_add_(dim, indices.n, s));
  }

  /**
   * @param mask BOOL, broadcast to this shape
   */
  default Tensor maskedFill(Tensor mask, double value) {
    return Native.binary(
        "maskedFill", this, mask, (x, m) -> x.masked_fill(m, Native.scalar(x, value)));
  }

  default Tensor maskedFillInPlace(Tensor mask, double value) {
    return Native.change(
        "maskedFill", this, mask, (x, m) -> x.masked_fill_(m, Native.scalar(x, value)));
  }

  /** A vector of the elements where the mask holds. */
  default Tensor maskedSelect(Tensor mask) {
    return Native.binary("maskedSelect", this, mask, (x, m) -> x.masked_select(m));
  }

  /** With this as the condition (BOOL): elements of {@code a} where it holds, else of {@code b}. */
  default Tensor where(Tensor a, Tensor b) {
    return Native.of(
        "where",
        () -> org.bytedeco.pytorch.global.torch.where(Native.n(this), a.n, b.n),
        (Tensor) this,
        a,
        b);
  }

  /** Where the elements that are not zero are: {@code [found, dims]}, I64. */
  default Tensor nonzero() {
    return Native.unary("nonzero", this, x -> x.nonzero());
  }
}
