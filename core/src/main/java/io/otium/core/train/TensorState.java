package io.otium.core.train;

import io.otium.core.checkpoint.LoadedCheckpoint;
import io.otium.core.checkpoint.StateTensor;
import io.otium.core.checkpoint.StateType;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Trees of tensors and plain values, as checkpoints take them and give them back. */
public final class TensorState {
  private TensorState() {}

  /** The same tree with tensors as a checkpoint sees them: their own memory, not copied. */
  public static Map<String, Object> saved(Map<String, ?> state) {
    Map<String, Object> tree = new LinkedHashMap<>();
    state.forEach((key, value) -> tree.put(key, saved(value)));
    return tree;
  }

  private static Object saved(Object value) {
    return switch (value) {
      case Tensor tensor -> {
        List<Long> shape = new ArrayList<>();
        for (long size : tensor.shape()) shape.add(size);
        yield StateTensor.of(type(tensor.dtype()), shape, tensor.segment()).ownedBy(tensor);
      }
      case Map<?, ?> map -> {
        Map<String, Object> tree = new LinkedHashMap<>();
        map.forEach((key, inner) -> tree.put(String.valueOf(key), saved(inner)));
        yield tree;
      }
      case List<?> list -> list.stream().map(TensorState::saved).toList();
      default -> value;
    };
  }

  /** A tree read from a checkpoint, with tensors of its own, which the open scope frees. */
  public static Map<String, Object> loaded(Map<String, ?> state) {
    Map<String, Object> tree = new LinkedHashMap<>();
    state.forEach((key, value) -> tree.put(key, loaded(value)));
    return tree;
  }

  private static Object loaded(Object value) {
    return switch (value) {
      case StateTensor stored -> {
        long[] shape = stored.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = Tensor.empty(DType.valueOf(stored.type().name()), shape);
        if (tensor.numel() > 0) LoadedCheckpoint.copy(stored, tensor.segment());
        yield tensor;
      }
      case Map<?, ?> map -> {
        Map<String, Object> tree = new LinkedHashMap<>();
        map.forEach((key, inner) -> tree.put(String.valueOf(key), loaded(inner)));
        yield tree;
      }
      case List<?> list -> list.stream().map(TensorState::loaded).toList();
      default -> value;
    };
  }

  private static StateType type(DType type) {
    return StateType.valueOf(type.name());
  }
}
