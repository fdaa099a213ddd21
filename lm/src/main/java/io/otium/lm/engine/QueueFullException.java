package io.otium.lm.engine;

/** More requests wait than the queue holds; try again later. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public QueueFullException(int waiting) {
    super(waiting + " requests are waiting already; try again later");
  }
}
