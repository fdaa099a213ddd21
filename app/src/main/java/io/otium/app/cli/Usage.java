package io.otium.app.cli;

/** The command was used wrongly: its message is the sentence, the exit code is 2. */
final class Usage extends RuntimeException {
  private static final long serialVersionUID = 1;

  Usage(String sentence) {
    super(sentence);
  }
}
