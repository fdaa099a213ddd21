package io.otium.lm.engine;

/** Prompt and answer asked for do not fit the context. */
public final class ContextTooLongException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public ContextTooLongException(int prompt, int answer, int context) {
    super(
        "the prompt has "
            + prompt
            + " tokens and the answer may take "
            + answer
            + "; together they must fit the context of "
            + context
            + " tokens");
  }
}
