package io.otium.core.checkpoint;

import io.otium.core.checkpoint.StateTensor.Capture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A small training whose every number follows from the one before: weights and moments in native
 * memory, random numbers and data position in plain values. Runs in a process of its own, which is
 * killed.
 */
final class CrashTraining {
  static final int ITERATIONS = 400;
  static final int INTERVAL = 2;
  private static final int WEIGHTS = 40_000;

  private final MemorySegment weights;
  private final MemorySegment moments;
  private final MemorySegment frozen;
  private long iteration;
  private long random = 42;

  CrashTraining(Arena arena) {
    weights = arena.allocate(ValueLayout.JAVA_FLOAT, WEIGHTS);
    moments = arena.allocate(ValueLayout.JAVA_FLOAT, WEIGHTS);
    frozen = arena.allocate(ValueLayout.JAVA_FLOAT, 100);
    for (int i = 0; i < 100; i++) {
      frozen.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
    }
  }

  Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("weights", tensor(weights));
    state.put("optimizer", List.of(Map.of("m", tensor(moments), "step", iteration)));
    state.put("base", tensor(frozen).withCapture(Capture.FROZEN));
    state.put("random", random);
    return state;
  }

  private static StateTensor tensor(MemorySegment memory) {
    return StateTensor.of(StateType.F32, List.of(memory.byteSize() / Float.BYTES), memory);
  }

  void restore(Map<String, Object> state) {
    LoadedCheckpoint.copy(States.tensor(state, "weights"), weights);
    LoadedCheckpoint.copy(States.tensor(state, "optimizer", 0, "m"), moments);
    LoadedCheckpoint.copy(States.tensor(state, "base"), frozen);
    random = (Long) States.at(state, "random");
    iteration = (Long) States.at(state, "optimizer", 0, "step");
  }

  long iteration() {
    return iteration;
  }

  /** The next iteration's random number, as a forward pass draws it. */
  void forward() {
    random = random * 6364136223846793005L + 1442695040888963407L;
  }

  void update() {
    float gradient = (random >>> 40) * 0x1.0p-24f - 0.5f;
    for (int i = 0; i < WEIGHTS; i++) {
      float m =
          0.9f * moments.getAtIndex(ValueLayout.JAVA_FLOAT, i)
              + gradient * (1 + frozen.getAtIndex(ValueLayout.JAVA_FLOAT, i % 100));
      moments.setAtIndex(ValueLayout.JAVA_FLOAT, i, m);
      float w = weights.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      weights.setAtIndex(ValueLayout.JAVA_FLOAT, i, w - 0.01f * m + 1e-6f * i);
    }
    iteration++;
  }

  String hash() {
    return iteration
        + " "
        + random
        + " "
        + States.sha(tensor(weights))
        + " "
        + States.sha(tensor(moments));
  }

  /**
   * Arguments: the folder; after how many iterations, and how many microseconds after them, to
   * halt; iterations below 0: never.
   */
  public static void main(String[] arguments) {
    long haltAfter = Long.parseLong(arguments[1]);
    long micros = Long.parseLong(arguments[2]);
    CheckpointOptions options =
        CheckpointOptions.every(INTERVAL)
            .with(Map.of("throttle_copy", 100_000_000, "throttle_write", 60_000_000));
    Path folder = Path.of(arguments[0]);
    try (Arena arena = Arena.ofShared()) {
      CrashTraining training = new CrashTraining(arena);
      Optional<LoadedCheckpoint> newest = new Checkpoints(folder).loadNewest();
      newest.ifPresent(
          loaded -> {
            training.restore(loaded.state());
            loaded.close();
          });
      try (Checkpointer checkpoints = options.to(folder)) {
        for (long done = 0; training.iteration() < ITERATIONS; done++) {
          if (done == haltAfter) {
            haltIn(micros);
          }
          training.forward();
          checkpoints.awaitSnapshot();
          training.update();
          if (options.isDue(training.iteration())) {
            checkpoints.save(training.iteration(), training.state());
          }
        }
      }
    }
  }

  /** Halts at that moment, whatever is being copied or written then. */
  private static void haltIn(long micros) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              long end = System.nanoTime() + micros * 1000;
              for (long left; (left = end - System.nanoTime()) > 0; ) {
                LockSupport.parkNanos(left);
              }
              Runtime.getRuntime().halt(99);
            });
  }
}
