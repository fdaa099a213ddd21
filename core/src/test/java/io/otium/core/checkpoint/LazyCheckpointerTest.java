package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import io.otium.core.checkpoint.StateTensor.Capture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LazyCheckpointerTest {
  @TempDir Path folder;

  private final Events events = new Events();

  /** Everything that a state may hold. */
  private static Map<String, Object> everything() {
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("weight", States.floats(1, 2, 3, 4));
    inner.put("0", States.floats(7));
    StateTensor bf16 =
        StateTensor.of(StateType.BF16, List.of(3L), MemorySegment.ofArray(new short[] {1, 2, 3}));
    StateTensor view =
        new StateTensor(
            StateType.I64,
            List.of(2L, 2L),
            List.of(1L, 2L),
            MemorySegment.ofArray(new long[] {1, 2, 3, 4}),
            Capture.LAZY,
            null);
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("model", inner);
    state.put(
        "scalar", StateTensor.of(StateType.F64, List.of(), MemorySegment.ofArray(new double[1])));
    state.put(
        "empty",
        StateTensor.of(StateType.F32, List.of(0L, 3L), MemorySegment.ofArray(new byte[0])));
    state.put("list", Arrays.asList(bf16, view, null, List.of(), "text"));
    state.put("seed", Long.MIN_VALUE);
    state.put("lr", 0.1);
    state.put("nan", Double.NaN);
    state.put("done", false);
    state.put("rng", new byte[] {1, 2});
    state.put("tag", "TENSOR");
    return state;
  }

  private Checkpointer open(Map<String, ?> options) {
    return CheckpointOptions.every(1).with(options).to(folder, events);
  }

  @Test
  void restoresWhatItSaved() {
    try (Checkpointer checkpoints = open(Map.of())) {
      checkpoints.save(3, everything());
      checkpoints.awaitSnapshot();
      checkpoints.awaitDurable(3);
    }
    try (LoadedCheckpoint loaded = new Checkpoints(folder).load(3)) {
      assertThat(States.plain(loaded.state())).isEqualTo(States.plain(everything()));
      assertThat(States.tensor(loaded.state(), "list", 1).shape()).containsExactly(2L, 2L);
      assertThat(
              States.tensor(loaded.state(), "list", 1)
                  .data()
                  .toArray(ValueLayout.JAVA_LONG_UNALIGNED))
          .containsExactly(1, 3, 2, 4);
    }
  }

  @Test
  void tellsOfEachStepInOrder() throws Exception {
    try (Checkpointer checkpoints = open(Map.of())) {
      checkpoints.save(1, Map.of("w", States.random(1, 100)));
      checkpoints.awaitDurable(1);
      CheckpointEvent enqueued = events.await(Kind.ENQUEUED, 1);
      CheckpointEvent durable = events.await(Kind.DURABLE, 1);
      assertThat(enqueued.bytes()).isEqualTo(400);
      assertThat(durable.bytes()).isGreaterThan(400);
      assertThat(durable.seconds()).isPositive(); // of another thread: not to be compared
      assertThat(events.kinds(1)).containsExactly(Kind.ENQUEUED, Kind.SNAPSHOTTED, Kind.DURABLE);
    }
    assertThat(Kind.FAILED.word()).isEqualTo("ckpt.failed");
  }

  @Test
  void everyModeWritesTheSameBytes() throws Exception {
    List<byte[]> files = new ArrayList<>();
    for (String mode : List.of("sync", "snapshot-then-flush", "lazy")) {
      Path place = folder.resolve(mode);
      try (Checkpointer checkpoints =
          CheckpointOptions.every(1).with(Map.of("mode", mode)).to(place)) {
        checkpoints.save(7, everything());
        checkpoints.awaitSnapshot();
        checkpoints.awaitDurable(7);
      }
      files.add(Files.readAllBytes(new CheckpointFolder(place).state(7, 0)));
    }
    assertThat(files.get(1)).isEqualTo(files.get(0));
    assertThat(files.get(2)).isEqualTo(files.get(0));
  }

  @Test
  void theBarrierNeedNotWaitForTheDisk() {
    try (Checkpointer checkpoints = open(Map.of("throttle_write", 1_000_000))) {
      // A second's worth of writing; the barrier returns as soon as the copies are made.
      checkpoints.save(1, Map.of("w", States.random(1, 250_000)));
      checkpoints.awaitSnapshot();
      assertThat(events.kinds(1)).contains(Kind.SNAPSHOTTED).doesNotContain(Kind.DURABLE);
    }
    assertThat(events.kinds(1)).endsWith(Kind.DURABLE);
  }

  @Test
  void theBarrierCostsNothingOnceTheCopiesAreMade() throws Exception {
    try (Checkpointer checkpoints = open(Map.of("throttle_copy", 4_000_000))) {
      checkpoints.save(1, Map.of("w", States.random(1, 500_000)));
      events.await(Kind.DURABLE, 1); // the forward and backward pass outlasts the copy
      checkpoints.awaitSnapshot();
      // Half a second of copying, none of which is a stall.
      assertThat(checkpoints.report().barrierSeconds()).isLessThan(0.25);
      assertThat(checkpoints.report().copyBytesPerSecond()).isBetween(1e6, 4.5e6);
    }
  }

  @Test
  void aSaveDuringAnotherKeepsBothApart() {
    StateTensor tensor = States.random(1, 250_000);
    try (Checkpointer checkpoints = open(Map.of("throttle_copy", 20_000_000))) {
      checkpoints.save(4, Map.of("w", tensor, "n", 4));
      checkpoints.save(9, Map.of("w", tensor, "n", 9));
      assertThatThrownBy(() -> checkpoints.save(9, Map.of("w", tensor)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a checkpoint's version must be larger than the last one's (9), not 9");
    }
    for (long version : List.of(4L, 9L)) {
      try (LoadedCheckpoint loaded = new Checkpoints(folder).load(version)) {
        assertThat(loaded.state().get("n")).isEqualTo(version);
        assertThat(States.sha(States.tensor(loaded.state(), "w"))).isEqualTo(States.sha(tensor));
      }
    }
  }

  @Test
  void capturesNoTensorAfterTheNextUpdate() {
    int versions = 5;
    List<String> expected = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        Checkpointer checkpoints =
            open(Map.of("throttle_copy", 100_000_000, "keep_last", versions))) {
      MemorySegment memory = arena.allocate(2 << 20);
      StateTensor tensor = StateTensor.of(StateType.U8, List.of(memory.byteSize()), memory);
      for (int version = 0; version < versions; version++) {
        checkpoints.awaitSnapshot();
        memory.fill((byte) (version + 1));
        expected.add(States.sha(tensor));
        checkpoints.save(version, Map.of("w", tensor));
      }
      checkpoints.awaitSnapshot();
    }
    for (int version = 0; version < versions; version++) {
      try (LoadedCheckpoint loaded = new Checkpoints(folder).load(version)) {
        assertThat(States.sha(States.tensor(loaded.state(), "w")))
            .as("version %d", version)
            .isEqualTo(expected.get(version));
      }
    }
  }

  @Test
  void aRingOfLessThanTheStateStillCompletes() {
    Map<String, Object> state = new LinkedHashMap<>();
    for (int i = 0; i < 10; i++) {
      state.put("t" + i, States.random(i, 1000 + 7 * i));
    }
    long bytes = ParsedState.of(state).bytes();
    try (Checkpointer checkpoints = open(Map.of("staging_bytes", bytes * 6 / 10))) {
      for (int version = 1; version <= 4; version++) {
        checkpoints.save(version, state);
        checkpoints.awaitSnapshot();
      }
      checkpoints.awaitDurable(4);
      assertThat(checkpoints.report().ringHighWater()).isBetween(1L, bytes * 6 / 10);
    }
    try (LoadedCheckpoint loaded = new Checkpoints(folder).load(4)) {
      assertThat(States.plain(loaded.state())).isEqualTo(States.plain(state));
    }
  }

  @Test
  void stagesLargeTensorsInParts() {
    Map<String, Object> state = Map.of("large", States.random(1, 10_001));
    try (Checkpointer checkpoints = open(Map.of("staging_bytes", 1500, "chunk_bytes", 999))) {
      checkpoints.save(1, state);
    }
    try (LoadedCheckpoint loaded = new Checkpoints(folder).load(1)) {
      assertThat(States.plain(loaded.state())).isEqualTo(States.plain(state));
    }
  }

  @Test
  void refusesATensorThatDoesNotFitBeforeTraining() {
    try (Checkpointer checkpoints = open(Map.of("staging_bytes", 1000))) {
      assertThatThrownBy(() -> checkpoints.prepare(Map.of("m", Map.of("w", States.random(1, 251)))))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              "staging_bytes is 1000, and m|w has 1004 bytes; allow at least so many, or set"
                  + " chunk_bytes to stage it in parts");
    }
  }

  @Test
  void writesFrozenTensorsOnce() throws Exception {
    StateTensor frozen = States.random(1, 1000).withCapture(Capture.FROZEN);
    for (int process = 0; process < 2; process++) {
      try (Checkpointer checkpoints = open(Map.of("keep_last", 2))) {
        for (int i = 1; i <= 3; i++) {
          // A loop builds its state anew each time; the memory is the same.
          StateTensor same = frozen.ownedBy(new Object());
          long version = 10L * process + i;
          checkpoints.save(version, Map.of("base", same, "lora", States.floats(i)));
          checkpoints.awaitDurable(version);
        }
      }
    }
    try (var files = Files.list(folder)) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      assertThat(names).hasSize(6).filteredOn(name -> name.startsWith("frozen-")).hasSize(1);
    }
    assertThat(Files.size(new CheckpointFolder(folder).state(13, 0))).isLessThan(400);
    try (LoadedCheckpoint loaded = new Checkpoints(folder).load(13)) {
      assertThat(States.sha(States.tensor(loaded.state(), "base"))).isEqualTo(States.sha(frozen));
      assertThat(States.tensor(loaded.state(), "base").capture()).isEqualTo(Capture.FROZEN);
    }
  }

  @Test
  void flagsNanAndKeepsTheLastFiniteVersion() throws Exception {
    try (Checkpointer checkpoints = open(Map.of("keep_last", 1))) {
      checkpoints.save(1, Map.of("w", States.floats(1)));
      for (int version = 2; version <= 4; version++) {
        checkpoints.save(version, Map.of("w", States.floats(1, Float.NaN), "b", States.floats(1)));
      }
      checkpoints.awaitDurable(4);
      assertThat(events.await(Kind.DURABLE, 4).detail()).isEqualTo("NaN or infinity in w");
    }
    assertThat(new Checkpoints(folder).list())
        .extracting(CheckpointInfo::version, CheckpointInfo::nonFinite)
        .containsExactly(tuple(1L, List.of()), tuple(4L, List.of("w")));
  }

  @Test
  void keepsSoManyVersions() {
    try (Checkpointer checkpoints = open(Map.of("keep_last", 2))) {
      for (int version = 1; version <= 5; version++) {
        checkpoints.save(version, Map.of("w", States.floats(version)));
      }
    }
    assertThat(new Checkpoints(folder).list())
        .extracting(CheckpointInfo::version)
        .containsExactly(4L, 5L);
  }

  @Test
  void twoRunsCannotShareAFolder() {
    try (Checkpointer first = open(Map.of())) {
      assertThat(first.options().interval()).isEqualTo(1);
      assertThatThrownBy(() -> open(Map.of()))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(folder + " is in use: another run writes its checkpoints there");
    }
  }

  @Test
  void refusesAFolderThatCannotBeWritten() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> CheckpointOptions.every(1).to(file.resolve("sub")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "the checkpoint folder " + file.resolve("sub") + " cannot be written");
  }

  @Test
  void reportsWhatCheckpointsCost() {
    try (Checkpointer checkpoints = open(Map.of())) {
      for (int version = 1; version <= 3; version++) {
        checkpoints.awaitSnapshot();
        checkpoints.save(version, Map.of("w", States.random(1, 100)));
      }
      checkpoints.awaitSnapshot();
      checkpoints.awaitDurable(3);
      CheckpointReport report = checkpoints.report();
      assertThat(report.checkpoints()).isEqualTo(3);
      assertThat(report.failed()).isZero();
      assertThat(report.bytes()).isEqualTo(1200);
      assertThat(report.stallSeconds()).isPositive();
      assertThat(report.longestStallSeconds()).isGreaterThanOrEqualTo(report.stallSeconds());
      assertThat(report.effectiveBytesPerSecond()).isPositive();
      assertThat(report.writeBytesPerSecond()).isPositive();
      assertThat(report.slowestIterationSeconds()).isPositive();
      assertThat(report.ringHighWater()).isBetween(400L, 800L);
      assertThat(report.toString()).startsWith("3 checkpoints, 0 failed, ");
    }
  }
}
