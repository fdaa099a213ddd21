package io.otium.core.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * FBGEMM's product of 8-bit weights (a scale for each output) and activations quantised on the way
 * in (one scale for all rows: the caller brings rows to the same range first).
 */
public final class Int8Product implements RowProduct {
  /** Operator handles live as long as the library; made outside any scope. */
  private static final class Operators {
    static final OperatorHandle PREPACK = LibTorch.operator("quantized::linear_prepack");
    static final OperatorHandle LINEAR = LibTorch.operator("quantized::linear_dynamic");
  }

  private final int outputs;
  private final int inputs;
  private final boolean reduceRange;
  private final IValueVector packed;

  private Int8Product(int outputs, int inputs, boolean reduceRange, IValueVector packed) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.reduceRange = reduceRange;
    this.packed = packed;
  }

  /**
   * Quantises and packs weights.
   *
   * @param weights {@code [outputs, inputs]}
   * @param reduceRange activations in 7 bits, for processors whose 8-bit products overflow 16 bits
   *     (no VNNI)
   */
  public static Int8Product pack(float[] weights, int outputs, int inputs, boolean reduceRange) {
    OperatorHandle prepack = Operators.PREPACK; // made before the scope opens
    IValueVector kept = new IValueVector();
    kept.retainReference(); // lives until close(), whatever scope is open now
    try (PointerScope _ = new PointerScope()) {
      Tensor w = Staging.weights(weights, outputs, inputs);
      Tensor largest = w.abs().amax(new long[] {1}, false).clamp_min(new Scalar(1e-12f));
      Tensor scales = largest.div(new Scalar(127f)).to(torch.ScalarType.Double);
      Tensor zeros = torch.zeros(new long[] {outputs}, new TensorOptions(torch.ScalarType.Long));
      Tensor quantised = torch.quantize_per_channel(w, scales, zeros, 0, torch.ScalarType.QInt8);
      IValueVector stack = new IValueVector();
      stack.push_back(new IValue(quantised));
      stack.push_back(new IValue());
      Dispatcher.singleton().callBoxed(prepack, stack);
      kept.push_back(stack.get(0));
    }
    return new Int8Product(outputs, inputs, reduceRange, kept);
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
    OperatorHandle linear = Operators.LINEAR;
    try (PointerScope _ = new PointerScope()) {
      Tensor in = x.rows(rows, inputs);
      IValueVector stack = new IValueVector();
      stack.push_back(new IValue(in));
      stack.push_back(packed.get(0));
      stack.push_back(new IValue(reduceRange));
      Dispatcher.singleton().callBoxed(linear, stack);
      Tensor out = stack.get(0).toTensor();
      result.take(Staging.result(out, rows, outputs));
    }
  }

  @Override
  public void close() {
    packed.close();
  }
}
