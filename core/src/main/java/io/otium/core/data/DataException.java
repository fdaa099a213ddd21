package io.otium.core.data;

/**
 * A user's data cannot be used: its message is one sentence with the file, the lines or columns,
 * and what is allowed.
 */
public final class DataException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
