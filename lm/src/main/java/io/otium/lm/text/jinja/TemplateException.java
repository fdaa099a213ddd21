package io.otium.lm.text.jinja;

/** A template that cannot be read, refuses its input, or would not end; one sentence says why. */
public final class TemplateException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public TemplateException(String message) {
    super(message);
  }
}
