package io.otium.lm.text.jinja;

/**
 * What a name or attribute that does not exist evaluates to: empty as text, false as a condition,
 * an error when anything is asked of it.
 *
 * @param what e.g. {@code 'tools' is undefined}
 */
record Undefined(String what) {
  TemplateException error() {
    return new TemplateException("the chat template needs a value that is not there: " + what);
  }
}
