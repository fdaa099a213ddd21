package io.otium.app.server;

/** The client closed its connection: there is nobody to answer. */
final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ClientGoneException() {
    super("the client hung up", null, false, false);
  }
}
