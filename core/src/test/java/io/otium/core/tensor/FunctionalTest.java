package io.otium.core.tensor;

import static io.otium.core.tensor.Near.assertNear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The expected numbers are PyTorch 2's, in double precision. */
class FunctionalTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor x() {
    return Tensor.of(new double[] {-2, -1.2, -0.4, 0.4, 1.2, 2}, 2, 3);
  }

  private static Tensor y() {
    return Tensor.of(new double[] {0.5, 1, 1.5, 2, 2.5, 3}, 2, 3);
  }

  private static Tensor range(long n, double times, double plus) {
    return Tensor.arange(0, n, 1, DType.F64).mul(times).add(plus);
  }

  @Test
  void normsAreAsInPyTorch() {
    Tensor w = y().select(0, 0);
    Tensor b = y().select(0, 1);
    double[] layer = {1.387635, 2.5, 4.837096, 1.387635, 2.5, 4.837096};
    assertNear(Functional.layerNorm(x(), w, b, 1e-5), layer);
    assertNear(
        Functional.rmsNorm(x(), w, 1e-6),
        -0.7319249,
        -0.8783099,
        -0.4391549,
        0.146385,
        0.8783099,
        2.195775);
    Tensor mean = Tensor.zeros(DType.F64, 2);
    Tensor var = Tensor.ones(DType.F64, 2);
    Tensor in = range(32, 0.1, 0).reshape(1, 2, 4, 4).select(2, 0);
    assertNear(
        Functional.batchNorm(in, mean, var, null, null, true, 0.1, 1e-5),
        -1.341104,
        -0.4470348,
        0.4470348,
        1.341104,
        -1.341104,
        -0.4470348,
        0.4470348,
        1.341104);
    assertNear(mean, 0.015, 0.175);
    assertNear(var, 0.9016667, 0.9016667);
  }

  @Test
  void lossesAreAsInPyTorch() {
    assertNear(Losses.crossEntropy(x(), Tensor.of(new long[] {2, -100})), 0.5015177);
    assertNear(
        Losses.crossEntropy(x(), Tensor.of(new long[] {2, 0}), null, Reduction.MEAN, -100, 0.1),
        1.301518);
    assertNear(Losses.mse(x(), y(), Reduction.MEAN), 3.325);
    assertNear(Losses.huber(x(), y(), Reduction.MEAN, 0.5), 0.75);
    Tensor high = y().gt(1).to(DType.F64);
    assertNear(Losses.binaryCrossEntropyWithLogits(x(), high, Reduction.MEAN), 0.3677419);
    assertNear(Losses.binaryCrossEntropy(x().sigmoid(), high, Reduction.MEAN), 0.3677419);
    assertNear(Losses.klDiv(x().logSoftmax(1), y().softmax(1), Reduction.SUM, false), 0.05040212);
    assertThat(Losses.mse(x(), y(), Reduction.NONE).shape()).containsExactly(2, 3);
    assertNear(Functional.cosineSimilarity(x(), y(), 1), -0.6324555, 0.9438798);
  }

  @Test
  void convolutionsAndPoolsAreAsInPyTorch() {
    Tensor image = range(32, 0.1, 0).reshape(1, 2, 4, 4);
    Tensor w = range(24, 0.05, -0.5).reshape(3, 2, 2, 2);
    Tensor bias = Tensor.of(new double[] {0.1, 0.2, 0.3});
    Tensor out = Functional.conv2d(image, w, bias, 2, 1, 1, 1);
    assertThat(out.shape()).containsExactly(1, 3, 3, 3);
    assertNear(out.select(1, 0), -0.14, -0.62, -0.4, -1.22, -3.2, -1.92, -1.14, -2.8, -1.58);
    assertNear(
        Functional.conv1d(image.select(2, 0), w.select(2, 0), null, 1, 0, 1, 1),
        -0.95,
        -1.1,
        -1.25,
        0.41,
        0.42,
        0.43,
        1.77,
        1.94,
        2.11);
    assertNear(Functional.maxPool2d(image, 2, 2, 0), 0.5, 0.7, 1.3, 1.5, 2.1, 2.3, 2.9, 3.1);
    assertNear(
        Functional.avgPool2d(image, 2, 2, 0), 0.25, 0.45, 1.05, 1.25, 1.85, 2.05, 2.65, 2.85);
    assertNear(Functional.adaptiveAvgPool2d(image, 1, 1), 0.75, 2.35);
    assertThatThrownBy(() -> Functional.conv2d(image.select(0, 0), w, null, 1, 0, 1, 1))
        .hasMessage(
            "the input of conv2d has the shape [2, 4, 4] where [batch, channels, height, width] is"
                + " needed");
  }

  @Test
  void attentionIsAsInPyTorch() {
    Tensor q = range(12, 1.0 / 6, 0).reshape(1, 2, 3, 2);
    Tensor out = Functional.scaledDotProductAttention(q, q.flip(2), q, null, true, null);
    double[] expected = {
      0, 0.1666667, 0.1503509, 0.3170175, 0.2563596, 0.4230263, 1.0, 1.166667, 1.112995, 1.279661,
      1.168144, 1.334811
    };
    assertNear(out, expected);
    Tensor lower = Tensor.ones(DType.BOOL, 3, 3).tril(0);
    assertNear(Functional.scaledDotProductAttention(q, q.flip(2), q, lower, false, null), expected);
    assertNear(Functional.einsum("bhqd,bhkd->bhqk", q, q), q.matmul(q.mT()).toDoubles());
  }

  @Test
  void linearAlgebraTakesMatricesApart() {
    Tensor a = Tensor.of(new double[] {4, 1, 0, 1, 3, 1, 0, 1, 2}, 3, 3);
    assertNear(LinearAlgebra.cholesky(a), 2, 0, 0, 0.5, 1.658312, 0, 0, 0.6030227, 1.279204);
    assertNear(LinearAlgebra.eigh(a).values(), 1.267949, 3, 4.732051);
    Tensor b = Tensor.of(new double[] {1, 2, 3});
    assertNear(LinearAlgebra.solve(a, b), 0.2222222, 0.1111111, 1.444444);
    assertNear(LinearAlgebra.singularValues(y()), 4.754016, 0.3864348);
    assertNear(LinearAlgebra.det(a), 18);
    assertNear(LinearAlgebra.inverse(a).matmul(a), 1, 0, 0, 0, 1, 0, 0, 0, 1);
    var svd = LinearAlgebra.svd(y());
    assertNear(svd.u().matmul(svd.s().diag()).matmul(svd.vh()), y().toDoubles());
    var qr = LinearAlgebra.qr(y());
    assertNear(qr.q().matmul(qr.r()), y().toDoubles());
    assertThatThrownBy(() -> LinearAlgebra.cholesky(a.neg())).isInstanceOf(TensorException.class);
  }

  @Test
  void embeddingOneHotAndPad() {
    Tensor ids = Tensor.of(new long[] {1, 0});
    assertNear(Functional.embedding(ids, x()), 0.4, 1.2, 2, -2, -1.2, -0.4);
    assertThat(Functional.oneHot(ids, 3).toLongs()).containsExactly(0, 1, 0, 1, 0, 0);
    assertNear(Functional.pad(Tensor.of(new double[] {1, 2}), 9, 1, 2), 9, 1, 2, 9, 9);
    assertNear(Functional.normalize(Tensor.of(new double[] {3, 4}), 0, 1e-12), 0.6, 0.8);
  }
}
