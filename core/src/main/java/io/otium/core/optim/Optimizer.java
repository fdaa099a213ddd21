package io.otium.core.optim;

import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Updates parameters by their gradients:
 *
 * <pre>{@code
 * try (var optimizer = Optimizer.of(AdamW.DEFAULTS.withLr(1e-3), model.parameters())) {
 *   for (long step = 0; step < steps; step++) {
 *     try (var scope = new Scope()) {
 *       model.loss(batches.next()).backward();
 *       optimizer.clipGradients(1.0);
 *       optimizer.step(schedule.factor(step));
 *       optimizer.zeroGrad();
 *     }
 *   }
 * }
 * }</pre>
 *
 * A parameter without a gradient is skipped, as in PyTorch: its weight, its state and its count of
 * steps stay. What updates remember is made with the optimizer for parameters that require
 * gradients then, and for others at their first gradient; it lives until the optimizer is closed.
 */
public final class Optimizer implements AutoCloseable {
  private static final String STEPS = "steps";
  private static final String PARAMETERS = "parameters";

  private final List<ParameterGroup> groups;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final List<Stepper> steppers = new ArrayList<>();
  private long steps;

  /**
   * @param masterWeights whether parameters of half precision (BF16, F16) are kept in F32 beside
   *     them, with F32 state: updates change that copy, and the parameter is its rounding
   * @throws IllegalArgumentException if two parameters have one name or share memory
   */
  public Optimizer(List<ParameterGroup> groups, boolean masterWeights) {
    this.groups = List.copyOf(groups);
    Map<Long, String> addresses = new HashMap<>();
    for (ParameterGroup group : groups) {
      group.parameters().forEach((name, parameter) -> claim(addresses, name, parameter));
    }
    for (ParameterGroup group : groups) {
      List<Slot> members = new ArrayList<>();
      group
          .parameters()
          .forEach(
              (name, parameter) -> {
                Slot slot = new Slot(name, parameter, group.rule(), masterWeights);
                if (parameter.requiresGrad()) slot.make();
                slots.put(name, slot);
                members.add(slot);
              });
      steppers.add(new Stepper(group, members));
    }
  }

  /** One group of all, with F32 master weights of those of half precision. */
  public static Optimizer of(UpdateRule rule, Map<String, Tensor> parameters) {
    return new Optimizer(List.of(ParameterGroup.of("all", rule, parameters)), true);
  }

  private static void claim(Map<Long, String> addresses, String name, Tensor parameter) {
    if (addresses.containsValue(name)) {
      throw new IllegalArgumentException("two parameters are named " + name);
    }
    String other = addresses.put(parameter.segment().address(), name);
    if (other != null && parameter.numel() > 0) {
      throw new IllegalArgumentException(
          "parameters %s and %s are the same memory, which would be updated twice; give one"
              .formatted(other, name));
    }
  }

  public List<ParameterGroup> groups() {
    return groups;
  }

  /** All parameters by name. */
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    slots.forEach((name, slot) -> parameters.put(name, slot.parameter()));
    return parameters;
  }

  /** How often {@link #step} was called. */
  public long steps() {
    return steps;
  }

  /** Updates with the groups' own learning rates. */
  public void step() {
    step(1);
  }

  /**
   * Updates every parameter that has a gradient.
   *
   * @param factor multiplies the learning rates, as a {@link Schedule} gives it
   */
  public void step(double factor) {
    try (var _ = new NoGrad();
        var _ = new Scope()) {
      for (Stepper stepper : steppers) stepper.step(factor);
    }
    steps++;
  }

  /** Forgets all gradients and frees their memory. */
  public void zeroGrad() {
    for (Slot slot : slots.values()) slot.parameter().zeroGrad();
  }

  /** {@link Gradients#clip} of all parameters. */
  public double clipGradients(double maxNorm) {
    return Gradients.clip(parameters().values(), maxNorm);
  }

  /**
   * All that the next step depends on but parameters and gradients, for a checkpoint: {@code steps}
   * and, under {@code parameters}, for each its {@code step}, what its rule remembers, and {@code
   * master} where there is one. Maps, with Long and {@link Tensor} as leaves; the tensors are the
   * optimizer's own, which the next step changes.
   */
  public Map<String, Object> state() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    slots.forEach(
        (name, slot) -> {
          if (slot.isMade()) parameters.put(name, slot.saved());
        });
    Map<String, Object> state = new LinkedHashMap<>();
    state.put(STEPS, steps);
    state.put(PARAMETERS, parameters);
    return state;
  }

  /**
   * Overwrites with what {@link #state} gave, of an optimizer with the same parameters and rules:
   * from here on, both go the same way to the bit.
   *
   * @throws IllegalArgumentException with a sentence on what does not fit
   */
  public void restore(Map<String, ?> state) {
    if (!(state.get(STEPS) instanceof Long count)
        || !(state.get(PARAMETERS) instanceof Map<?, ?> saved)) {
      throw new IllegalArgumentException(
          "an optimizer's saved state holds steps and parameters, not " + state.keySet());
    }
    for (Object name : saved.keySet()) {
      if (!slots.containsKey(String.valueOf(name))) {
        throw new IllegalArgumentException(
            "the saved state has the parameter " + name + ", which this optimizer has not");
      }
    }
    try (var _ = new NoGrad()) {
      slots.forEach((name, slot) -> restore(name, slot, saved.get(name)));
    }
    steps = count;
  }

  private static void restore(String name, Slot slot, @Nullable Object saved) {
    if (saved instanceof Map<?, ?> map) {
      slot.restore(map);
    } else if (slot.isMade()) {
      throw new IllegalArgumentException("the saved state lacks the parameter " + name);
    }
  }

  /** Frees what updates remember; the parameters stay. */
  @Override
  public void close() {
    steppers.forEach(Stepper::close);
    slots.values().forEach(Slot::close);
  }
}
