/**
 * The Jinja of chat templates: parse, then evaluate with Python's meaning of values, on a budget of
 * steps, depth and memory, and with nothing of Java or the file system in reach. Start at {@link
 * io.otium.lm.text.jinja.Template}. Why this is not a library's: docs/decisions.md.
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm.text.jinja;
