package io.otium.core.optim;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.TensorList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a group that have a gradient now: one by one, or as lists for libtorch's
 * operators over many tensors. The lists but for the gradients are made once.
 */
public final class Updates implements AutoCloseable {
  /**
   * One of them.
   *
   * @param weight the parameter, or its F32 master copy
   * @param gradient of the weight's shape and type, contiguous
   * @param state what {@link UpdateRule#newState} made
   * @param step how many updates the weight has had, this one included
   */
  public record Update(Tensor weight, Tensor gradient, Map<String, Tensor> state, long step) {}

  private final List<Slot> slots;
  private final TensorList weights;
  private final TensorList steps;
  private final Map<String, TensorList> states = new HashMap<>();
  private final List<Tensor> gradients = new ArrayList<>();

  Updates(List<Slot> slots) {
    this.slots = slots;
    weights = new TensorList(slots.stream().map(Slot::weight).toList());
    steps = new TensorList(slots.stream().map(Slot::stepTensor).toList());
  }

  /** Counts the step and updates by the gradients that are there. */
  void run(UpdateRule rule, double lr, double weightDecay) {
    gradients.clear();
    for (Slot slot : slots) {
      Tensor gradient = slot.parameter().grad();
      if (slot.hasMaster()) gradient = gradient.to(DType.F32);
      gradients.add(gradient.isContiguous() ? gradient : gradient.contiguous());
      slot.count();
    }
    rule.update(this, lr, weightDecay);
  }

  boolean isOf(List<Slot> others) {
    return slots.equals(others);
  }

  /** The parameters, or their F32 master copies. */
  public TensorList weights() {
    return weights;
  }

  /** In the order of the weights, each of its weight's shape and type. */
  public List<Tensor> gradients() {
    return gradients;
  }

  /** How many updates each weight has had, this one included: F32 scalars. */
  public TensorList steps() {
    return steps;
  }

  /** What is remembered under a name, in the order of the weights. */
  public TensorList state(String name) {
    return states.computeIfAbsent(
        name, key -> new TensorList(slots.stream().map(slot -> slot.state(key)).toList()));
  }

  public List<Update> each() {
    List<Update> all = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      all.add(new Update(slot.weight(), gradients.get(i), slot.state(), slot.step()));
    }
    return all;
  }

  @Override
  public void close() {
    weights.close();
    steps.close();
    states.values().forEach(TensorList::close);
  }
}
