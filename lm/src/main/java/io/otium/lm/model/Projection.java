package io.otium.lm.model;

import io.otium.core.nn.LowRank;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Tensor;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A product {@code y = x Wᵀ + b} of an {@link AutogradModel}, and what an adapter adds to it.
 *
 * @see #adapt
 */
public final class Projection {
  private final String name;
  private final Tensor weight;
  private final @Nullable Tensor bias;
  private @Nullable UnaryOperator<Tensor> delta;
  private @Nullable LowRank lowRank;

  Projection(String name, Tensor weight, @Nullable Tensor bias) {
    this.name = name;
    this.weight = weight;
    this.bias = bias;
  }

  /** Without {@code .weight}, e.g. {@code model.layers.3.self_attn.q_proj}. */
  public String name() {
    return name;
  }

  /** {@code [outputs, inputs]} */
  public Tensor weight() {
    return weight;
  }

  public int outputs() {
    return (int) weight.size(0);
  }

  public int inputs() {
    return (int) weight.size(1);
  }

  /**
   * Adds something to every result, without touching the weight.
   *
   * @param adapter from the input {@code [tokens, inputs]} to {@code [tokens, outputs]}; null for
   *     none
   */
  public void adapt(@Nullable UnaryOperator<Tensor> adapter) {
    delta = adapter;
    lowRank = null;
  }

  /**
   * Adds a low-rank update to every result.
   *
   * @param isTraining whether inputs are dropped now
   */
  public void adapt(LowRank update, BooleanSupplier isTraining) {
    delta = x -> update.update(weight, x, isTraining.getAsBoolean());
    lowRank = update.magnitude() == null && update.dropout() == 0 ? update : null;
  }

  /** The adapter, if it adds {@code s · B A x} and nothing else. */
  @Nullable LowRank lowRank() {
    return lowRank;
  }

  boolean isAdapted() {
    return delta != null;
  }

  /** What the adapter adds for an input. */
  Tensor delta(Tensor x) {
    UnaryOperator<Tensor> adapter = delta;
    if (adapter == null) throw new IllegalStateException(name + " has no adapter");
    return adapter.apply(x);
  }

  @Nullable Tensor bias() {
    return bias;
  }

  boolean trains() {
    return weight.requiresGrad() || bias != null && bias.requiresGrad();
  }

  /**
   * @param x {@code [tokens, inputs]}
   * @return {@code [tokens, outputs]}
   */
  Tensor apply(Tensor x) {
    Tensor y = Functional.linear(x, weight, bias);
    return delta == null ? y : y.add(delta.apply(x));
  }
}
