package io.otium.core.optim;

/** Which norm of the gradient a schedule is refined from, and what weight a step has by it. */
public enum GradientNorm {
  /** For updates coordinate by coordinate, as Adam's: a step weighs {@code 1/G}. */
  L1,
  /** For SGD: a step weighs {@code 1/G²}. */
  L2;

  double weight(double norm) {
    return this == L1 ? 1 / norm : 1 / (norm * norm);
  }

  /** The one for a rule: L2 for SGD and Muon, which scale no coordinate by itself, else L1. */
  public static GradientNorm of(UpdateRule rule) {
    return rule instanceof Sgd || rule instanceof Muon ? L2 : L1;
  }
}
