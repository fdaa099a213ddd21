package io.otium.core.data;

/**
 * Where a walk through data stands: what a checkpoint keeps of it.
 *
 * @param epoch passes that are finished
 * @param position examples (or rows) of this pass that were given out
 */
public record Cursor(int epoch, int position) {
  public static final Cursor START = new Cursor(0, 0);

  public Cursor {
    if (epoch < 0 || position < 0) {
      throw new IllegalArgumentException(
          "a cursor has no negative parts: epoch " + epoch + ", position " + position);
    }
  }
}
