package io.otium.core.torch;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
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
    if (weights.length < (long) outputs * inputs) {
      throw new IllegalArgumentException(
          outputs + "×" + inputs + " weights asked for, only " + weights.length + " given");
    }
    LibTorch.require();
    try (PointerScope _ = new PointerScope()) {
      Tensor w =
          torch
              .from_blob(
                  new FloatPointer(weights),
                  new long[] {outputs, inputs},
                  new TensorOptions(torch.ScalarType.Float))
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
    if (rows < 1 || (long) rows * inputs * 4 > x.segment().byteSize()) {
      throw new IllegalArgumentException(
          rows + " rows of " + inputs + " do not fit the staging memory");
    }
    try (PointerScope _ = new PointerScope()) {
      Tensor in =
          torch.from_blob(
              x.pointer(), new long[] {rows, inputs}, new TensorOptions(torch.ScalarType.Float));
      Tensor out = torch.linear(half ? in.to(torch.ScalarType.BFloat16) : in, weights);
      Tensor floats = half ? out.to(torch.ScalarType.Float) : out;
      result.take(
          MemorySegment.ofAddress(floats.data_ptr().address())
              .reinterpret((long) rows * outputs * 4));
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
