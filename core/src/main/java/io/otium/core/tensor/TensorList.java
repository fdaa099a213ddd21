package io.otium.core.tensor;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Type;
import org.jspecify.annotations.Nullable;

/**
 * Tensors in the order in which an operator takes them, an argument for {@link Dispatch#call} that
 * is made once for many calls. From the first call on it keeps their memory alive until it is
 * closed.
 */
public final class TensorList implements AutoCloseable {
  private final List<Tensor> tensors;
  private @Nullable IValue value;

  public TensorList(List<Tensor> tensors) {
    this.tensors = List.copyOf(tensors);
  }

  public int size() {
    return tensors.size();
  }

  /**
   * @param tensorType libtorch's type of tensors
   */
  IValue value(Type.TypePtr tensorType) {
    if (value == null) {
      try (PointerScope _ = new PointerScope()) {
        GenericList list = new GenericList(tensorType);
        list.reserve(size());
        for (Tensor tensor : tensors) list.push_back(new IValue(tensor.n));
        value = Native.lasting(new IValue(list));
      }
    }
    return value;
  }

  /** Safe to call twice; not used after it. */
  @Override
  public void close() {
    if (value != null) value.close();
  }
}
