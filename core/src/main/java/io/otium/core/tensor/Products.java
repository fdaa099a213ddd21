package io.otium.core.tensor;

/** Of matrices and vectors. */
public sealed interface Products extends TensorOps permits Tensor {

  /** Of the last two dimensions, the others broadcast; of vectors, their dot product. */
  default Tensor matmul(Tensor other) {
    return Native.binary("matmul", this, other, (x, y) -> x.matmul(y));
  }

  /** {@code [m, k] · [k, n]}. */
  default Tensor mm(Tensor other) {
    return Native.binary("mm", this, other, (x, y) -> x.mm(y));
  }

  /** {@code [batch, m, k] · [batch, k, n]}. */
  default Tensor bmm(Tensor other) {
    return Native.binary("bmm", this, other, (x, y) -> x.bmm(y));
  }

  /** {@code this + a · b}, with {@code a [m, k]} and {@code b [k, n]}. */
  default Tensor addmm(Tensor a, Tensor b) {
    return Native.of("addmm", () -> Native.n(this).addmm(a.n, b.n), (Tensor) this, a, b);
  }

  /** {@code beta · this + alpha · a · b}, in place. */
  default Tensor addmmInPlace(Tensor a, Tensor b, double beta, double alpha) {
    return Native.change(
        "addmm", this, a, (x, y) -> x.addmm_(y, b.n, Native.scalar(beta), Native.scalar(alpha)));
  }

  /** Of two vectors. */
  default Tensor dot(Tensor other) {
    return Native.binary("dot", this, other, (x, y) -> x.dot(y));
  }

  /** {@code [m] ⊗ [n]} to {@code [m, n]}. */
  default Tensor outer(Tensor other) {
    return Native.binary("outer", this, other, (x, y) -> x.outer(y));
  }
}
