/** Tokenizers, chat templates, and text as it streams. */
@org.jspecify.annotations.NullMarked
package io.otium.lm.text;
