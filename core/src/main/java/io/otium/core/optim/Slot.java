package io.otium.core.optim;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A parameter with what its updates remember; the tensors live until it is closed. */
final class Slot implements AutoCloseable {
  private static final String STEP = "step";
  private static final String MASTER = "master";

  private final String name;
  private final Tensor parameter;
  private final UpdateRule rule;

  /** The F32 copy that updates change, of which a parameter of half precision is the rounding. */
  private final @Nullable Tensor master;

  private final Map<String, Tensor> state = new LinkedHashMap<>();

  /** The step, where libtorch's operators read it. */
  private final Tensor stepTensor = Tensor.zeros().keep();

  private long step;
  private boolean made;

  Slot(String name, Tensor parameter, UpdateRule rule, boolean masterWeights) {
    this.name = name;
    this.parameter = parameter;
    this.rule = rule;
    boolean half = parameter.dtype() == DType.BF16 || parameter.dtype() == DType.F16;
    master = masterWeights && half ? parameter.detach().to(DType.F32).keep() : null;
  }

  Tensor parameter() {
    return parameter;
  }

  boolean hasMaster() {
    return master != null;
  }

  Tensor weight() {
    return master == null ? parameter : master;
  }

  Tensor stepTensor() {
    return stepTensor;
  }

  long step() {
    return step;
  }

  Map<String, Tensor> state() {
    return state;
  }

  Tensor state(String key) {
    return Objects.requireNonNull(state.get(key), key);
  }

  /** Makes what updates remember, once. */
  void make() {
    if (made) return;
    made = true;
    // In one order, so that one run writes the same checkpoint as another.
    new TreeMap<>(rule.newState(weight())).forEach((key, tensor) -> state.put(key, tensor.keep()));
  }

  void count() {
    setStep(step + 1);
  }

  private void setStep(long value) {
    step = value;
    stepTensor.segment().set(ValueLayout.JAVA_FLOAT, 0, (float) value);
  }

  /** Rounds the master copy to the parameter. */
  void publish() {
    if (master != null) parameter.copyFrom(master);
  }

  boolean isMade() {
    return made;
  }

  /** Live tensors, and the step. */
  Map<String, Object> saved() {
    Map<String, Object> saved = new LinkedHashMap<>();
    saved.put(STEP, step);
    if (master != null) saved.put(MASTER, master);
    saved.putAll(state);
    return saved;
  }

  void restore(Map<?, ?> saved) {
    make();
    Map<String, Object> mine = saved();
    if (!saved.keySet().equals(mine.keySet())) {
      throw new IllegalArgumentException(
          "the saved state of %s holds %s where this optimizer keeps %s"
              .formatted(name, saved.keySet(), mine.keySet()));
    }
    mine.forEach(
        (key, value) -> {
          if (value instanceof Tensor tensor) overwrite(key, tensor, saved.get(key));
        });
    if (!(saved.get(STEP) instanceof Long count)) {
      throw new IllegalArgumentException("the saved step of " + name + " is no whole number");
    }
    setStep(count);
  }

  private void overwrite(String key, Tensor mine, @Nullable Object saved) {
    if (!(saved instanceof Tensor tensor) || tensor.dtype() != mine.dtype()) {
      throw new IllegalArgumentException(
          "the saved %s of %s is %s where a tensor of %s is needed"
              .formatted(key, name, saved, mine.dtype()));
    }
    Shapes.require("the saved " + key + " of " + name, tensor, mine.shape());
    mine.copyFrom(tensor);
  }

  @Override
  public void close() {
    stepTensor.close();
    if (master != null) master.close();
    state.values().forEach(Tensor::close);
  }
}
