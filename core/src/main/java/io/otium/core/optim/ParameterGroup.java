package io.otium.core.optim;

import io.otium.core.options.Options;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters that are updated alike.
 *
 * @param name for messages and logs
 * @param parameters by name, floating point and contiguous; of the optimizer's groups only one has
 *     each
 * @param rule how they change
 * @param lrScale multiplies the rule's learning rate, at least 0
 * @param weightDecay in place of the rule's, at least 0
 */
public record ParameterGroup(
    String name,
    Map<String, Tensor> parameters,
    UpdateRule rule,
    double lrScale,
    double weightDecay) {

  /**
   * @throws IllegalArgumentException with a sentence on a value out of range, or a parameter that
   *     cannot be updated
   */
  public ParameterGroup {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    if (rule instanceof Record options) checkRanges(options);
    require(name, "learning-rate scale", lrScale);
    require(name, "weight decay", weightDecay);
    for (Map.Entry<String, Tensor> entry : parameters.entrySet()) {
      DType type = entry.getValue().dtype();
      if (!type.isFloatingPoint()) {
        throw new IllegalArgumentException(
            "parameter " + entry.getKey() + " is of " + type + ", which has no gradients");
      }
      if (!entry.getValue().isContiguous()) {
        throw new IllegalArgumentException(
            "parameter "
                + entry.getKey()
                + " is a view whose elements are not in order; train the tensor it is a view of");
      }
      rule.require(entry.getKey(), entry.getValue());
    }
  }

  private static void require(String group, String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the %s of parameter group %s must be a number from 0, not %s"
              .formatted(what, group, value));
    }
  }

  /** Describing a record with itself as default refuses values out of its ranges. */
  @SuppressWarnings("unchecked") // a record's class is of its own type
  private static <T extends Record> void checkRanges(T rule) {
    Options.describe((Class<T>) rule.getClass(), rule);
  }

  /** With the rule's own learning rate and weight decay. */
  public static ParameterGroup of(String name, UpdateRule rule, Map<String, Tensor> parameters) {
    return new ParameterGroup(name, parameters, rule, 1, rule.weightDecay());
  }

  /**
   * Two groups: what has two dimensions or more decays; vectors and scalars (biases, gains of
   * norms) do not.
   */
  public static List<ParameterGroup> decayingMatrices(
      UpdateRule rule, Map<String, Tensor> parameters) {
    Map<String, Tensor> matrices = new LinkedHashMap<>(parameters);
    matrices.values().removeIf(parameter -> parameter.dim() < 2);
    Map<String, Tensor> vectors = new LinkedHashMap<>(parameters);
    vectors.values().removeIf(parameter -> parameter.dim() >= 2);
    return List.of(of("matrices", rule, matrices), of("vectors", rule, vectors).withWeightDecay(0));
  }

  public ParameterGroup withLrScale(double scale) {
    return new ParameterGroup(name, parameters, rule, scale, weightDecay);
  }

  public ParameterGroup withWeightDecay(double decay) {
    return new ParameterGroup(name, parameters, rule, lrScale, decay);
  }
}
