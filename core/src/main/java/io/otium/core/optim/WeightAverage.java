package io.otium.core.optim;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Dispatch;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The exponential moving average of weights, {@code a ← decay·a + (1 − decay)·θ}, beginning with
 * the weights as they are. Of weights of half precision it is kept in F32. Its tensors live until
 * it is closed.
 */
public final class WeightAverage implements AutoCloseable {
  private final Map<String, Tensor> weights;
  private final Map<String, Tensor> averages = new LinkedHashMap<>();
  private final double decay;

  /**
   * @param decay from 0 to below 1
   */
  public WeightAverage(Map<String, Tensor> weights, double decay) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException(
          "an average of weights has a decay from 0 to below 1, not " + decay);
    }
    this.weights = new LinkedHashMap<>(weights);
    this.decay = decay;
    try (var _ = new NoGrad();
        var _ = new Scope()) {
      weights.forEach((name, weight) -> averages.put(name, wide(weight).copy().keep()));
    }
  }

  private static Tensor wide(Tensor weight) {
    DType type = weight.dtype();
    return type == DType.BF16 || type == DType.F16 ? weight.to(DType.F32) : weight;
  }

  private Tensor weight(String name) {
    return Objects.requireNonNull(weights.get(name), name);
  }

  /** Takes in the weights as they are now. */
  public void update() {
    try (var _ = new NoGrad();
        var _ = new Scope()) {
      List<Tensor> same = new ArrayList<>();
      List<Tensor> sources = new ArrayList<>();
      for (Map.Entry<String, Tensor> entry : averages.entrySet()) {
        Tensor weight = weight(entry.getKey());
        if (weight.dtype() == entry.getValue().dtype()) {
          same.add(entry.getValue());
          sources.add(weight);
        } else {
          blend(entry.getValue(), weight);
        }
      }
      if (!same.isEmpty()) {
        Dispatch.call("aten::_foreach_lerp_.Scalar", same, sources, 1 - decay);
      }
    }
  }

  /** One at a time, so that only one is held in F32, too. */
  private void blend(Tensor average, Tensor weight) {
    try (var _ = new Scope()) {
      average.lerpInPlace(weight.to(average.dtype()), 1 - decay);
    }
  }

  /** By name; F32 where the weight is of half precision. Updates change these tensors. */
  public Map<String, Tensor> averages() {
    return Collections.unmodifiableMap(averages);
  }

  /**
   * Exchanges weights and averages, for an evaluation; a second call takes it back, exactly where
   * the weights are F32 or F64.
   */
  public void swap() {
    try (var _ = new NoGrad()) {
      averages.forEach(
          (name, average) -> {
            try (var _ = new Scope()) {
              Tensor weight = weight(name);
              Tensor before = weight.copy();
              weight.copyFrom(average);
              average.copyFrom(before);
            }
          });
    }
  }

  /** The averages by name, for a checkpoint. */
  public Map<String, Object> state() {
    return new LinkedHashMap<>(averages);
  }

  /**
   * Overwrites with what {@link #state} gave.
   *
   * @throws IllegalArgumentException if it is of other weights
   */
  public void restore(Map<String, ?> state) {
    if (!state.keySet().equals(averages.keySet())) {
      throw new IllegalArgumentException("the saved average is of other weights than these");
    }
    averages.forEach(
        (name, average) -> {
          if (!(state.get(name) instanceof Tensor saved)) {
            throw new IllegalArgumentException("the saved average of " + name + " is no tensor");
          }
          average.copyFrom(Shapes.require("the saved average of " + name, saved, average.shape()));
        });
  }

  @Override
  public void close() {
    averages.values().forEach(Tensor::close);
  }
}
