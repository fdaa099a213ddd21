package io.otium.lm.text.jinja;

/** A function, method or macro. */
interface Callable {
  Object call(Args args, Budget budget);
}
