/** The catalogue of 68 published systems, and one experiment for each that is implemented. */
@org.jspecify.annotations.NullMarked
package io.otium.papers;
