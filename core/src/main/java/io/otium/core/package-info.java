/**
 * Tensors, layers, optimizers, data, the training loop, checkpoints, runs and options: all that
 * knows no language. Every other room may import from here; nothing here imports from another room.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core;
