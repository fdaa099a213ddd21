/**
 * Lazy inference: prefill policies and KV-cache policies. A method is a record of options and a
 * class, in one file, and one line in {@link io.otium.serve.Methods}. May import from lm and core,
 * from no other room.
 */
@org.jspecify.annotations.NullMarked
package io.otium.serve;
