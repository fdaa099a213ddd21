package io.otium.app.server;

/** The engine failed on an answer; its cause says how. */
final class GenerationFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  GenerationFailedException(Throwable cause) {
    super("the engine failed", cause);
  }
}
