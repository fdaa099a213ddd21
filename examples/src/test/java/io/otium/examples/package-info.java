/** The examples run, as they stand, on a tiny model of random weights. */
@org.jspecify.annotations.NullMarked
package io.otium.examples;
