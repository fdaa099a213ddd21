/**
 * Lazy inference: prefill policies and KV-cache policies. May import from lm and core, from no
 * other room.
 */
@org.jspecify.annotations.NullMarked
package io.otium.serve;
