package io.otium.app.bench;

/** A measurement that could not be made; the message says why, and what to do. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public BenchException(String sentence) {
    super(sentence);
  }

  public BenchException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
