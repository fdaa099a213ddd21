package io.otium.core.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * oneDNN's product of 8-bit weights (a scale for each output) and activations that come as bytes:
 * {@code round(127 · x) + 128} for rows brought to the range of −1 to 1. Unlike FBGEMM's it pads no
 * inputs (576 would take the memory of 1,024) and uses AMX where there is.
 */
public final class DnnInt8Product implements RowProduct {
  /** What a byte of activations is more than what it stands for. */
  private static final int ZERO = 128;

  /** Operator handles live as long as the library; made outside any scope. */
  private static final class Operators {
    static final OperatorHandle PREPACK = LibTorch.operator("onednn::qlinear_prepack");
    static final OperatorHandle LINEAR = LibTorch.operator("onednn::qlinear_pointwise");
  }

  private static final int POST_OP_ARGUMENTS = 11;

  private final int outputs;
  private final int inputs;

  /** The operator's arguments, with nothing in the place of the activations. */
  private final IValueVector arguments;

  private DnnInt8Product(int outputs, int inputs, IValueVector arguments) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.arguments = arguments;
  }

  /**
   * Quantises and packs weights.
   *
   * @param weights {@code [outputs, inputs]}
   */
  public static DnnInt8Product pack(float[] weights, int outputs, int inputs) {
    OperatorHandle prepack = Operators.PREPACK; // made before the scope opens
    OperatorHandle linear = Operators.LINEAR;
    IValueVector kept = new IValueVector();
    kept.retainReference(); // lives until close(), whatever scope is open now
    try (PointerScope _ = new PointerScope()) {
      Tensor w = Staging.weights(weights, outputs, inputs);
      Tensor largest = w.abs().amax(new long[] {1}, true).clamp_min(new Scalar(1e-12f));
      Tensor scales = largest.div(new Scalar(127f));
      Tensor codes = w.div(scales).round().to(torch.ScalarType.Char);
      IValueVector stack = new IValueVector();
      stack.push_back(new IValue(codes));
      stack.push_back(new IValue());
      Dispatcher.singleton().callBoxed(prepack, stack);
      Tensor zeros = torch.zeros(new long[] {outputs}, new TensorOptions(torch.ScalarType.Int));
      kept.push_back(new IValue()); // the activations come here
      kept.push_back(new IValue(1.0 / 127)); // their scale
      kept.push_back(new IValue((long) ZERO));
      kept.push_back(stack.get(0));
      kept.push_back(new IValue(scales.flatten().clone()));
      kept.push_back(new IValue(zeros));
      kept.push_back(new IValue()); // no bias
      kept.push_back(new IValue(1.0)); // results are floats, neither scaled
      kept.push_back(new IValue(0L)); // nor shifted
      kept.push_back(new IValue((long) torch.ScalarType.Float.value));
      kept.push_back(new IValue("none"));
      kept.push_back(
          new IValue(
              new GenericList(
                  linear
                      .schema()
                      .arguments()
                      .position(POST_OP_ARGUMENTS)
                      .type()
                      .get()
                      .containedType(0))));
      kept.push_back(new IValue(""));
    }
    return new DnnInt8Product(outputs, inputs, kept);
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
  public boolean takesBytes() {
    return true;
  }

  @Override
  public void multiply(Staging x, int rows, Result result) {
    OperatorHandle linear = Operators.LINEAR;
    try (PointerScope _ = new PointerScope()) {
      IValueVector stack = new IValueVector();
      stack.put(arguments); // one call into native code instead of twelve
      stack.put(0, new IValue(x.bytes(rows, inputs)));
      Dispatcher.singleton().callBoxed(linear, stack);
      Tensor out = stack.get(0).toTensor();
      result.take(Staging.result(out, rows, outputs));
    }
  }

  @Override
  public void close() {
    arguments.close();
  }
}
