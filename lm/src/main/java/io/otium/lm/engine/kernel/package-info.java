/**
 * The inner loops of the engine: matrix products, attention, norms, and the threads that run them.
 * Vector API throughout; every kernel has a plain twin in the tests. Only {@code lm.engine} imports
 * from here.
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm.engine.kernel;
