package io.otium.core.nn;

import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A state does not fit a module; the message names what is missing, unexpected or mis-shaped. */
public final class StateException extends RuntimeException {
  private StateException(String message) {
    super(message);
  }

  static void check(Map<String, Tensor> own, Map<String, Tensor> given) {
    List<String> missing = new ArrayList<>();
    List<String> shaped = new ArrayList<>();
    own.forEach(
        (name, tensor) -> {
          Tensor value = given.get(name);
          if (value == null) {
            missing.add(name);
          } else if (!Arrays.equals(value.shape(), tensor.shape())) {
            shaped.add(
                "%s %s where %s is needed"
                    .formatted(name, Shapes.text(value.shape()), Shapes.text(tensor.shape())));
          }
        });
    List<String> unexpected = given.keySet().stream().filter(n -> !own.containsKey(n)).toList();
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) parts.add("missing: " + NamePattern.some(missing));
    if (!unexpected.isEmpty()) parts.add("unexpected: " + NamePattern.some(unexpected));
    if (!shaped.isEmpty()) parts.add("of another shape: " + NamePattern.some(shaped));
    if (!parts.isEmpty()) {
      throw new StateException("the state does not fit: " + String.join("; ", parts));
    }
  }
}
