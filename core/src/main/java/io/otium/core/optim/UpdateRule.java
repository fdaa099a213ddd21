package io.otium.core.optim;

import io.otium.core.tensor.Tensor;
import java.util.Map;

/**
 * How parameters change by their gradients: a record of documented options, without state of its
 * own; what an update remembers lies with the {@link Optimizer}. {@link #update} runs without
 * recording gradients, in a scope of its own, and changes weights and state in place.
 */
public interface UpdateRule {
  /** The learning rate, before a group's scale and the schedule. */
  double lr();

  /** The weight decay of groups that do not set their own. */
  double weightDecay();

  /**
   * What a weight's updates remember, as it is before the first: tensors by PyTorch's names.
   *
   * @param weight the parameter, or its F32 master copy
   */
  Map<String, Tensor> newState(Tensor weight);

  /** One update of every weight. */
  void update(Updates updates, double lr, double weightDecay);

  /**
   * Refuses a parameter that the rule has no update for.
   *
   * @throws IllegalArgumentException with a sentence that names the parameter
   */
  default void require(String name, Tensor parameter) {}
}
