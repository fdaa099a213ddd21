package io.otium.core.tensor;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Gradients beyond {@link Tensor#backward()}. */
public final class Autograd {
  private Autograd() {}

  /** Runs without recording, so that nothing in it has a gradient. */
  public static <T extends @Nullable Object> T noGrad(Supplier<T> body) {
    try (var _ = new NoGrad()) {
      return body.get();
    }
  }

  /** Runs without recording. */
  public static void noGrad(Runnable body) {
    try (var _ = new NoGrad()) {
      body.run();
    }
  }

  /** Runs with recording, within a part that runs without. */
  public static <T extends @Nullable Object> T recording(Supplier<T> body) {
    boolean enabled = GradMode.is_enabled();
    GradMode.set_enabled(true);
    try {
      return body.get();
    } finally {
      GradMode.set_enabled(enabled);
    }
  }

  /** Whether what this thread calculates is recorded. */
  public static boolean isRecording() {
    return GradMode.is_enabled();
  }

  /** The gradients of a scalar; frees the graph. */
  public static List<Tensor> grad(Tensor output, List<Tensor> inputs) {
    return grad(List.of(output), inputs, List.of(), false);
  }

  /**
   * The gradients of {@code Σ (outputs · gradients)} with respect to inputs; those on the leaves
   * stay as they are.
   *
   * @param gradients one for each output, of its shape; none if the outputs are scalars
   * @param createGraph record the calculation, for derivatives of these; the graph is kept
   * @return one for each input, of its shape
   */
  public static List<Tensor> grad(
      List<Tensor> outputs, List<Tensor> inputs, List<Tensor> gradients, boolean createGraph) {
    try (TensorVector of = Native.vector(outputs);
        TensorVector by = Native.vector(inputs);
        TensorVector weights = Native.vector(gradients);
        TensorVector result = torch.grad(of, by, weights, Native.NO_BOOL, createGraph, false)) {
      return Native.list(result);
    } catch (RuntimeException failure) {
      throw TensorException.of("grad", failure, outputs.toArray(Tensor[]::new));
    }
  }

  /**
   * Adds to each leaf's gradient that of {@code Σ (outputs · gradients)}.
   *
   * @param gradients one for each output, of its shape
   * @param retainGraph whether it will be needed again
   */
  public static void backward(List<Tensor> outputs, List<Tensor> gradients, boolean retainGraph) {
    try (TensorVector of = Native.vector(outputs);
        TensorVector weights = Native.vector(gradients);
        TensorVector all = new TensorVector();
        BoolOptional retain = new BoolOptional(retainGraph)) {
      torch.backward(of, weights, retain, false, all);
    } catch (RuntimeException failure) {
      throw TensorException.of("backward", failure, outputs.toArray(Tensor[]::new));
    }
  }

  static void setGrad(Tensor leaf, Tensor grad) {
    org.bytedeco.pytorch.Tensor place = leaf.n.mutable_grad();
    Shapes.require("the gradient", grad, leaf.shape());
    if (grad.dtype() != leaf.dtype()) {
      throw new TensorException(
          "the gradient is of " + grad.dtype() + " and the tensor of " + leaf.dtype());
    }
    place.put(grad.n);
  }

  static void hook(Tensor tensor, UnaryOperator<Tensor> hook) {
    try {
      Hook called = new Hook(hook);
      Scope.atEndOfGraph(called::close);
      tensor.n.register_hook(called);
    } catch (RuntimeException failure) {
      throw TensorException.of("onGradient", failure, tensor);
    }
  }

  /** Called by libtorch's engine, on the thread that called backward. */
  static final class Hook extends TensorTensorHook {
    private final UnaryOperator<Tensor> hook;

    Hook(UnaryOperator<Tensor> hook) {
      this.hook = hook;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
      return hook.apply(new Tensor(new org.bytedeco.pytorch.Tensor(gradient))).n;
    }
  }
}
