package io.otium.core.train;

import io.otium.core.data.Cursor;

/** Training stopped because the loss or the gradient was no number; no update was made of it. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long step;

  DivergedException(long step, double loss, double norm, Cursor batch) {
    super(
        ("step %d has a loss of %s and a gradient of norm %s (epoch %d, from row %d of it on); the"
                + " weights are those of the step before: lower the learning rate, or look at that"
                + " batch")
            .formatted(step, loss, norm, batch.epoch() + 1, batch.position() + 1));
    this.step = step;
  }

  /** The step that was not made. */
  public long step() {
    return step;
  }
}
