package io.otium.app.server;

/** The client closed its connection: there is nobody to answer. */
public final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ClientGoneException() {
    super("the client hung up", null, false, false);
  }
}
