package io.otium.core.data;

/** A data set is not on this machine, or not as it should be; the message says where to get it. */
public final class DataMissingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DataMissingException(String message) {
    super(message);
  }
}
