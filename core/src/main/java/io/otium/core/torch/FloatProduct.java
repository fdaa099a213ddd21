package io.otium.core.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** oneDNN's or BLAS's product in bf16 or fp32; results are fp32. */
public final class FloatProduct implements RowProduct {
  private final int outputs;
  private final int inputs;
  private final boolean half;
  private final Tensor weights;

  private FloatProduct(int outputs, int inputs, boolean half, Tensor weights) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.half = half;
    this.weights = weights;
  }

  /**
   * @param weights {@code [outputs, inputs]}
   * @param half bf16 weights and activations, where the processor multiplies them fast
   */
  public static FloatProduct pack(float[] weights, int outputs, int inputs, boolean half) {
    LibTorch.require();
    try (PointerScope _ = new PointerScope()) {
      Tensor w =
          Staging.weights(weights, outputs, inputs)
              .to(half ? torch.ScalarType.BFloat16 : torch.ScalarType.Float)
              .clone();
      w.retainReference();
      return new FloatProduct(outputs, inputs, half, w);
    }
  }

  @Override
  public int outputs() {
    return outputs;
  }

  @Override
  public int inputs() {
    return inputs;
  }

  @Override
  public void multiply(Staging x, int rows, Result result) {
    try (PointerScope _ = new PointerScope()) {
      Tensor in = x.rows(rows, inputs);
      Tensor out = torch.linear(half ? in.to(torch.ScalarType.BFloat16) : in, weights);
      Tensor floats = half ? out.to(torch.ScalarType.Float) : out;
      result.take(Staging.result(floats, rows, outputs));
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
