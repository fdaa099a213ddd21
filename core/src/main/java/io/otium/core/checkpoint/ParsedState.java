package io.otium.core.checkpoint;

import io.otium.core.checkpoint.StateTensor.Capture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A state tree taken apart: its tensors by key, depth first in iteration order, and the lean state,
 * a copy of everything else in which each tensor is a placeholder. Numbers become Long or Double.
 *
 * @param tensors contiguous; those captured eagerly, and views, copied already
 * @param frozen contiguous; those that never change
 * @param lean maps, lists, strings, longs, doubles, booleans, byte arrays, nulls
 */
record ParsedState(
    Map<String, StateTensor> tensors, Map<String, StateTensor> frozen, Map<String, Object> lean) {

  private static final int MAX_DEPTH = 200;

  /**
   * Takes a state apart; what the caller may change afterwards has been copied when this returns.
   *
   * @throws CheckpointException for keys and values that a checkpoint cannot hold
   */
  static ParsedState of(Map<String, ?> state) {
    Map<String, StateTensor> tensors = new LinkedHashMap<>();
    Map<String, StateTensor> frozen = new LinkedHashMap<>();
    Map<String, Object> lean = new Walk(tensors, frozen).map("", state, 0);
    return new ParsedState(tensors, frozen, lean);
  }

  /** Bytes of the tensors that a checkpoint copies. */
  long bytes() {
    return bytes(tensors);
  }

  static long bytes(Map<String, StateTensor> tensors) {
    return tensors.values().stream().mapToLong(StateTensor::bytes).sum();
  }

  private record Walk(Map<String, StateTensor> tensors, Map<String, StateTensor> frozen) {

    Map<String, Object> map(String path, Map<?, ?> map, int depth) {
      Map<String, Object> lean = new LinkedHashMap<>();
      map.forEach(
          (key, value) -> {
            String name = checkedKey(path, key);
            String child = depth == 0 ? name : path + StateKeys.SEPARATOR + name;
            Object leaf = value(child, value, depth + 1);
            if (lean.containsKey(name)) {
              throw new CheckpointException(
                  StateKeys.shown(path) + " has the key \"" + name + "\" twice; keys are unique");
            }
            lean.put(name, leaf);
          });
      return lean;
    }

    private static String checkedKey(String path, @Nullable Object key) {
      if (!(key instanceof String name)) {
        throw new CheckpointException(
            StateKeys.shown(path) + " has the key " + key + "; keys are strings");
      }
      if (name.contains(StateKeys.SEPARATOR)) {
        throw new CheckpointException(
            "%s has the key \"%s\"; keys must not contain \"%s\""
                .formatted(StateKeys.shown(path), name, StateKeys.SEPARATOR));
      }
      if (name.equals(StateKeys.METADATA)) {
        throw new CheckpointException(
            "%s has the key \"%s\", which the file format keeps for itself"
                .formatted(StateKeys.shown(path), name));
      }
      return name;
    }

    private List<Object> list(String path, List<?> list, int depth) {
      List<Object> lean = new ArrayList<>();
      for (Object item : list) {
        lean.add(value(path + StateKeys.SEPARATOR + lean.size(), item, depth + 1));
      }
      return lean;
    }

    @SuppressWarnings("NullAway") // the lean tree keeps nulls, which are values of the state
    private Object value(String path, @Nullable Object value, int depth) {
      if (depth > MAX_DEPTH) {
        throw new CheckpointException("the state is nested deeper than " + MAX_DEPTH + " levels");
      }
      return switch (value) {
        case null -> null;
        case StateTensor tensor -> tensor(path, tensor);
        case Map<?, ?> map -> map(path, map, depth);
        case List<?> list -> list(path, list, depth);
        case String text when StateKeys.isPlaceholder(text) ->
            throw new CheckpointException(
                "%s is a text that begins with \"%s\", which stands for tensors"
                    .formatted(StateKeys.shown(path), StateKeys.placeholder("")));
        case String text -> text;
        case Boolean flag -> flag;
        case Long number -> number;
        case Integer number -> (long) number;
        case Double number -> number;
        case Float number -> (double) number;
        case byte[] bytes -> bytes.clone();
        default ->
            throw new CheckpointException(
                "%s is a %s; a state holds maps, lists, tensors, texts, int, long, float, double,"
                        .formatted(StateKeys.shown(path), value.getClass().getSimpleName())
                    + " boolean, byte[] and null");
      };
    }

    private String tensor(String key, StateTensor tensor) {
      boolean copied = tensor.capture() == Capture.EAGER || !tensor.isContiguous();
      StateTensor contiguous = copied ? tensor.copy() : tensor;
      (tensor.capture() == Capture.FROZEN ? frozen : tensors).put(key, contiguous);
      return StateKeys.placeholder(key);
    }
  }
}
