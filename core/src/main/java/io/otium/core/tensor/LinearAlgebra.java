package io.otium.core.tensor;

import org.bytedeco.pytorch.global.torch;

/** PyTorch's {@code linalg}; matrices are the last two dimensions, the others a batch. */
public final class LinearAlgebra {
  private LinearAlgebra() {}

  /**
   * {@code a = u · diag(s) · vh}, with {@code k = min(m, n)}.
   *
   * @param u {@code [..., m, k]}
   * @param s {@code [..., k]}, largest first
   * @param vh {@code [..., k, n]}
   */
  public record Svd(Tensor u, Tensor s, Tensor vh) {}

  /**
   * {@code a = vectors · diag(values) · vectorsᵀ}.
   *
   * @param values {@code [..., n]}, smallest first
   * @param vectors {@code [..., n, n]}, one a column
   */
  public record Eigh(Tensor values, Tensor vectors) {}

  /**
   * {@code a = q · r}.
   *
   * @param q {@code [..., m, k]}, its columns orthonormal
   * @param r {@code [..., k, n]}, zero below the diagonal
   */
  public record Qr(Tensor q, Tensor r) {}

  /**
   * @param a {@code [..., m, n]}
   */
  public static Svd svd(Tensor a) {
    try (var none = new org.bytedeco.pytorch.StringViewOptional();
        var all = torch.linalg_svd(a.n, false, none)) {
      return new Svd(Native.copy(all.get0()), Native.copy(all.get1()), Native.copy(all.get2()));
    } catch (RuntimeException failure) {
      throw TensorException.of("svd", failure, a);
    }
  }

  /**
   * @param a {@code [..., n, n]}, symmetric: its lower half is read
   */
  public static Eigh eigh(Tensor a) {
    ValuesIndices both = Native.twofold("eigh", a, x -> torch.linalg_eigh(x));
    return new Eigh(both.values(), both.indices());
  }

  /**
   * @param a {@code [..., m, n]}
   */
  public static Qr qr(Tensor a) {
    ValuesIndices both = Native.twofold("qr", a, x -> torch.linalg_qr(x));
    return new Qr(both.values(), both.indices());
  }

  /**
   * @param a {@code [..., n, n]}, symmetric, positive definite
   * @return {@code l} with {@code a = l · lᵀ}, zero above the diagonal
   */
  public static Tensor cholesky(Tensor a) {
    return Native.unary("cholesky", a, x -> torch.linalg_cholesky(x));
  }

  /**
   * @param a {@code [..., n, n]}
   * @param b {@code [..., n]} or {@code [..., n, k]}
   * @return {@code x} with {@code a · x = b}
   */
  public static Tensor solve(Tensor a, Tensor b) {
    return Native.binary("solve", a, b, (x, y) -> torch.linalg_solve(x, y));
  }

  /**
   * @param a {@code [..., n, n]}, zero above the diagonal, or below it if {@code upper}
   * @param b {@code [..., n, k]}
   * @return {@code x} with {@code a · x = b}
   */
  public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper) {
    return Native.binary(
        "solveTriangular", a, b, (x, y) -> torch.linalg_solve_triangular(x, y, upper, true, false));
  }

  /**
   * @param a {@code [..., n, n]}
   */
  public static Tensor inverse(Tensor a) {
    return Native.unary("inverse", a, x -> torch.linalg_inv(x));
  }

  /**
   * @param a {@code [..., m, n]}
   * @return {@code [..., n, m]}
   */
  public static Tensor pinverse(Tensor a) {
    return Native.unary("pinverse", a, x -> x.pinverse());
  }

  /**
   * @param a {@code [..., n, n]}
   * @return {@code [...]}
   */
  public static Tensor det(Tensor a) {
    return Native.unary("det", a, x -> x.det());
  }

  /**
   * @param a {@code [..., n, n]}, of a positive determinant
   * @return {@code [...]}
   */
  public static Tensor logdet(Tensor a) {
    return Native.unary("logdet", a, x -> x.logdet());
  }

  /**
   * Singular values only.
   *
   * @param a {@code [..., m, n]}
   * @return {@code [..., min(m, n)]}, largest first
   */
  public static Tensor singularValues(Tensor a) {
    return Native.unary("singularValues", a, x -> torch.linalg_svdvals(x));
  }
}
