package io.otium.core.optim;

import io.otium.core.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A group's update. */
final class Stepper implements AutoCloseable {
  private final ParameterGroup group;
  private final List<Slot> members;

  /** Kept from step to step: the same parameters tend to have gradients. */
  private @Nullable Updates together;

  Stepper(ParameterGroup group, List<Slot> members) {
    this.group = group;
    this.members = members;
  }

  void step(double factor) {
    double lr = group.rule().lr() * group.lrScale() * factor;
    List<Slot> plain = new ArrayList<>();
    for (Slot slot : members) {
      if (!slot.parameter().hasGrad()) continue;
      slot.make();
      if (slot.hasMaster()) alone(slot, lr);
      else plain.add(slot);
    }
    if (plain.isEmpty()) return;
    if (together == null || !together.isOf(plain)) {
      close();
      together = new Updates(plain);
    }
    together.run(group.rule(), lr, group.weightDecay());
  }

  /** By itself, so that only one gradient at a time is held in F32, too. */
  private void alone(Slot slot, double lr) {
    try (Updates update = new Updates(List.of(slot));
        var _ = new Scope()) {
      update.run(group.rule(), lr, group.weightDecay());
      slot.publish();
    }
  }

  @Override
  public void close() {
    if (together != null) together.close();
    together = null;
  }
}
