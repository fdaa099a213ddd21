package io.otium.core.checkpoint;

import java.util.Map;

/**
 * Writes a training loop's checkpoints:
 *
 * <pre>{@code
 * try (Checkpointer checkpoints = CheckpointOptions.every(10).to(folder)) {
 *   checkpoints.prepare(state);
 *   for (long iteration = 1; iteration <= iterations; iteration++) {
 *     forwardAndBackward();
 *     checkpoints.awaitSnapshot();                  // before anything in the state changes
 *     optimizer.step();
 *     if (checkpoints.options().isDue(iteration)) {
 *       checkpoints.save(iteration, state);
 *     }
 *   }
 * }                                                 // waits for what is not on disk yet
 * }</pre>
 *
 * A state is a tree of maps (with strings as keys) and lists; its leaves are {@link StateTensor}s,
 * texts, numbers (int, long, float, double), booleans, byte arrays and nulls. Whole numbers come
 * back as Long, others as Double. For use by one training thread.
 */
public interface Checkpointer extends AutoCloseable {
  CheckpointOptions options();

  /**
   * Allocates what the first {@link #save} needs and refuses a state that cannot be saved, before
   * training begins.
   *
   * @throws CheckpointException naming what is wrong: a key, a value, a tensor that does not fit
   */
  void prepare(Map<String, ?> state);

  /**
   * Saves a state. Everything but lazily captured tensors has been copied when this returns; those
   * must not change until {@link #awaitSnapshot} has returned. A full disk is no error: training
   * goes on, the listener is told, and the last good checkpoint stays.
   *
   * @param version the iteration that it holds; larger than the last one's
   * @throws CheckpointException for a state that cannot be saved, or what failed before
   */
  void save(long version, Map<String, ?> state);

  /**
   * The barrier before an update: returns when every saved tensor has been copied.
   *
   * @throws CheckpointException what failed in the background since the last call
   */
  void awaitSnapshot();

  /**
   * Returns when a version is on disk and committed.
   *
   * @throws CheckpointException if it was not written, with the reason
   */
  void awaitDurable(long version);

  /** What checkpoints have cost so far. */
  CheckpointReport report();

  /**
   * Waits for what is not on disk yet, at most {@code drain_timeout}; what is not written by then
   * is given up, and said to have failed.
   *
   * @throws CheckpointException what failed in the background and was not thrown yet
   */
  @Override
  void close();
}
