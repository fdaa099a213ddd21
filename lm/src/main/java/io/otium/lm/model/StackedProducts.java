package io.otium.lm.model;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Products of the same input whose weights lie one below the other, so that they are one product:
 * {@code [Σ outputs, inputs]}. Each part's weight, and its gradient, is a view of some rows.
 */
final class StackedProducts implements AutoCloseable {
  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final List<Projection> parts = new ArrayList<>();
  private final List<Integer> firsts = new ArrayList<>();
  private int outputs;
  private @Nullable Tensor gradient;

  /**
   * @param bias whether any part has one
   */
  StackedProducts(DType type, int outputs, int inputs, boolean bias) {
    weight = Tensor.empty(type, outputs, inputs).keep();
    this.bias = bias ? Tensor.zeros(type, outputs).keep() : null;
  }

  /** The rows of the next part's weight. */
  Tensor nextWeight(int rows) {
    return weight.narrow(0, outputs, rows).detach().keep();
  }

  /** The same of the bias. */
  Tensor nextBias(int rows) {
    if (bias == null) throw new IllegalStateException("these products have no bias");
    return bias.narrow(0, outputs, rows).detach().keep();
  }

  void add(Projection part) {
    parts.add(part);
    firsts.add(outputs);
    outputs += part.outputs();
  }

  int outputs() {
    return outputs;
  }

  boolean trains() {
    return parts.stream().anyMatch(Projection::trains);
  }

  boolean isAdapted() {
    return parts.stream().anyMatch(Projection::isAdapted);
  }

  /**
   * @param x {@code [rows, inputs]}
   * @return {@code [rows, Σ outputs]}, without what adapters add
   */
  Tensor apply(Tensor x) {
    return Functional.linear(x, weight, bias);
  }

  /** The gradient of the input, without that through adapters. */
  Tensor back(Tensor dy) {
    return dy.matmul(weight);
  }

  /** Adds to the gradients of those weights that have one. */
  void accumulate(Tensor dy, Tensor x) {
    if (parts.stream().anyMatch(part -> part.weight().requiresGrad())) {
      Tensor own = gradient;
      if (own == null) {
        own = Tensor.empty(weight.dtype(), weight.shape()).keep();
        gradient = own;
      }
      boolean fresh = parts.stream().noneMatch(part -> part.weight().hasGrad());
      if (fresh || allWithin(own)) {
        own.addmmInPlace(dy.transpose(0, 1), x, fresh ? 0 : 1, 1);
        if (fresh) share(own);
      } else {
        Tensor more = dy.transpose(0, 1).matmul(x);
        for (int i = 0; i < parts.size(); i++) {
          add(parts.get(i).weight(), more.narrow(0, firsts.get(i), parts.get(i).outputs()));
        }
      }
    }
    if (parts.stream().anyMatch(part -> part.bias() != null && part.bias().requiresGrad())) {
      Tensor sums = dy.to(DType.F32).sum(0);
      for (int i = 0; i < parts.size(); i++) {
        Tensor partial = parts.get(i).bias();
        if (partial == null) continue;
        add(partial, sums.narrow(0, firsts.get(i), parts.get(i).outputs()).to(partial.dtype()));
      }
    }
  }

  private void share(Tensor own) {
    for (int i = 0; i < parts.size(); i++) {
      Tensor part = parts.get(i).weight();
      if (part.requiresGrad()) part.grad(own.narrow(0, firsts.get(i), parts.get(i).outputs()));
    }
  }

  /** Whether every gradient that is wanted is a part of this one still. */
  private boolean allWithin(Tensor own) {
    long start = own.segment().address();
    long rowBytes = weight.size(1) * weight.dtype().bytes();
    for (int i = 0; i < parts.size(); i++) {
      Tensor part = parts.get(i).weight();
      if (!part.requiresGrad()) continue;
      if (!part.hasGrad()) return false;
      try (Tensor grad = part.grad()) {
        if (grad.segment().address() != start + firsts.get(i) * rowBytes) return false;
      }
    }
    return true;
  }

  /** Adds to a leaf's gradient, or gives it its first one. */
  static void add(Tensor leaf, Tensor more) {
    if (!leaf.requiresGrad()) return;
    if (leaf.hasGrad()) leaf.grad().addInPlace(more);
    else leaf.grad(more.copy());
  }

  @Override
  public void close() {
    weight.close();
    if (bias != null) bias.close();
    if (gradient != null) gradient.close();
  }

  /** The parts that an adapter adds to, with the columns of their results. */
  List<Adapted> adapted() {
    List<Adapted> adapted = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).isAdapted()) adapted.add(new Adapted(parts.get(i), firsts.get(i)));
    }
    return adapted;
  }

  /** A part with an adapter, and its first column. */
  record Adapted(Projection part, int first) {
    Tensor columns(Tensor y) {
      return y.narrow(1, first, part.outputs());
    }
  }
}
