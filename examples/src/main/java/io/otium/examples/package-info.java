/**
 * Otium inside a Java program: one class a thing to do, each with a {@code main}. They need the
 * artifact {@code io.otium:otium-lm} and the JVM flags of the README.
 */
@org.jspecify.annotations.NullMarked
package io.otium.examples;
