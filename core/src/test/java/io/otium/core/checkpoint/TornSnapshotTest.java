package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies made while training goes on hold one iteration each; without the barrier they do not. */
class TornSnapshotTest {
  private static final int TENSORS = 6;
  private static final int FLOATS = 150_000;
  private static final int ITERATIONS = 4;

  @TempDir Path folder;

  @Test
  void everyVersionIsTheStateOfItsIteration() {
    assertThat(tornVersions(true)).isEmpty();
  }

  @Test
  void withoutTheBarrierVersionsTear() {
    assertThat(tornVersions(false)).isNotEmpty();
  }

  /**
   * Trains 3.6 MB with a checkpoint each iteration, copied at 100 MB/s (36 ms, where a pass takes
   * less), and compares each tensor's SHA-256 to that of a blocking copy.
   */
  private List<Long> tornVersions(boolean barrier) {
    CheckpointOptions options =
        CheckpointOptions.every(1).with(Map.of("throttle_copy", 100_000_000, "keep_last", 99));
    CommitGroup group =
        new CommitGroup(folder, 1, options, new FileDisk(), CheckpointListener.NONE);
    List<Map<String, String>> expected = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        Checkpointer checkpoints = new LazyCheckpointer(0, options, group, barrier)) {
      Map<String, StateTensor> state = new LinkedHashMap<>();
      for (int i = 0; i < TENSORS; i++) {
        MemorySegment memory = arena.allocate(4L * FLOATS, 64);
        state.put("t" + i, StateTensor.of(StateType.F32, List.of((long) FLOATS), memory));
      }
      checkpoints.prepare(state);
      for (int iteration = 1; iteration <= ITERATIONS; iteration++) {
        checkpoints.awaitSnapshot();
        update(state, iteration);
        Map<String, String> hashes = new LinkedHashMap<>();
        state.forEach((key, tensor) -> hashes.put(key, States.sha(tensor)));
        expected.add(hashes);
        checkpoints.save(iteration, state);
      }
      checkpoints.awaitSnapshot();
      update(state, 99);
    }
    List<Long> torn = new ArrayList<>();
    for (long version = 1; version <= ITERATIONS; version++) {
      try (LoadedCheckpoint loaded = new Checkpoints(folder).load(version)) {
        Map<String, String> found = new LinkedHashMap<>();
        loaded.state().forEach((key, tensor) -> found.put(key, States.sha((StateTensor) tensor)));
        if (!found.equals(expected.get((int) version - 1))) {
          torn.add(version);
        }
      }
    }
    return torn;
  }

  private static void update(Map<String, StateTensor> state, int iteration) {
    for (StateTensor tensor : state.values()) {
      for (int i = 0; i < FLOATS; i++) {
        tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, iteration + i * 1e-6f);
      }
    }
  }
}
