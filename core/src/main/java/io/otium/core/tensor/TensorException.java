package io.otium.core.tensor;

import org.jspecify.annotations.Nullable;

/** An operator refused its arguments; the message is one line that names it and their shapes. */
public final class TensorException extends RuntimeException {
  public TensorException(String message) {
    super(message);
  }

  private TensorException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What libtorch threw in an operator over these tensors. */
  static TensorException of(String operator, RuntimeException failure, @Nullable Tensor... on) {
    if (failure instanceof TensorException known) return known;
    var message = new StringBuilder(operator);
    String separator = " of ";
    for (Tensor tensor : on) {
      if (tensor == null) continue;
      if (tensor.n.isNull()) {
        return new TensorException(
            operator + ": a tensor was closed, or the scope it was made in has ended", failure);
      }
      message.append(separator).append(Shapes.text(tensor.shape()));
      separator = " and ";
    }
    return new TensorException(message + ": " + firstLine(failure), failure);
  }

  /** libtorch's messages go on with where in its source they arose. */
  private static String firstLine(RuntimeException failure) {
    String text = failure.getMessage();
    if (text == null) return failure.getClass().getSimpleName();
    int end = text.indexOf("\nException raised from");
    return (end < 0 ? text : text.substring(0, end)).strip().replaceAll("\\s*\\n\\s*", " ");
  }
}
