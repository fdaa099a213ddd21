package io.otium.lm.text.jinja;

/** Python's None. */
enum None {
  NONE
}
