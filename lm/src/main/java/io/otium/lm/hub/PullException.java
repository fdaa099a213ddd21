package io.otium.lm.hub;

/** A model could not be fetched, found or kept; the message is one sentence for the user. */
public final class PullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public PullException(String sentence) {
    super(sentence);
  }

  public PullException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
