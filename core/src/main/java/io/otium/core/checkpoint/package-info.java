/**
 * Checkpoints of a training run, written while it goes on ({@link
 * io.otium.core.checkpoint.LazyCheckpointer}), and read back ({@link
 * io.otium.core.checkpoint.Checkpoints}). Knows tensors as memory segments only, so that every
 * training loop can use it; imports nothing of Otium but options.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core.checkpoint;
