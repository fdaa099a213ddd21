package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureTest {
  private static final CheckpointOptions OPTIONS = CheckpointOptions.every(1);

  @TempDir Path folder;

  private final Events events = new Events();

  private static Map<String, Object> state(int version) {
    return Map.of("w", States.random(version, 1000), "n", version);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFullDiskLetsTrainingGoOn() throws Exception {
    FullDisk disk = new FullDisk(6000, "No space left on device");
    try (Checkpointer checkpoints = OPTIONS.to(folder, events, disk)) {
      checkpoints.save(1, state(1));
      checkpoints.awaitDurable(1);
      checkpoints.save(2, state(2));
      checkpoints.awaitSnapshot();
      assertThat(events.await(Kind.FAILED, 2).detail()).isEqualTo("No space left on device");
      assertThatThrownBy(() -> checkpoints.awaitDurable(2))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("checkpoint 2 was not written: No space left on device");
      assertThat(files()).containsExactly("lock", "v00000001-shard0.state", "v00000001.commit");
      checkpoints.awaitSnapshot();
      disk.addRoom(100_000);
      checkpoints.save(3, state(3));
      checkpoints.awaitDurable(3);
      assertThat(checkpoints.report().failed()).isEqualTo(1);
    }
    assertThat(new Checkpoints(folder).list())
        .extracting(CheckpointInfo::version)
        .containsExactly(1L, 3L);
  }

  @Test
  void aDiskThatFillsUpAtTheCommitLeavesNoHalf() throws Exception {
    long room =
        EncodedState.of(ParsedState.of(state(1)).tensors(), Map.of("w", "TENSOR|w")).length();
    FullDisk disk = new FullDisk(room + 20, "Disk quota exceeded");
    try (Checkpointer checkpoints = OPTIONS.to(folder, events, disk)) {
      checkpoints.save(1, state(1));
      events.await(Kind.FAILED, 1);
      checkpoints.awaitSnapshot();
      assertThat(files()).containsExactly("lock");
    }
  }

  @Test
  void anyOtherFailureIsThrownAtTheNextBarrier() throws Exception {
    FullDisk disk = new FullDisk(6000, "Input/output error");
    try (Checkpointer checkpoints = OPTIONS.to(folder, events, disk)) {
      checkpoints.save(1, state(1));
      checkpoints.save(2, state(2));
      events.await(Kind.FAILED, 2);
      assertThatThrownBy(checkpoints::awaitSnapshot)
          .isInstanceOf(CheckpointException.class)
          .hasMessage("writing checkpoints failed: Input/output error");
      checkpoints.awaitSnapshot();
      disk.addRoom(100_000);
      checkpoints.save(3, state(3));
      checkpoints.awaitDurable(3);
    }
  }

  @Test
  void aFailureThatNoBarrierSawIsThrownAtTheEnd() {
    Checkpointer checkpoints = OPTIONS.to(folder, events, new FullDisk(0, "Input/output error"));
    checkpoints.save(1, state(1));
    assertThatThrownBy(checkpoints::close)
        .isInstanceOf(CheckpointException.class)
        .hasMessage("writing checkpoints failed: Input/output error");
    checkpoints.close();
  }

  @Test
  void memoryThatIsFreedBeforeItWasCopiedIsSaid() {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(4000);
    StateTensor tensor = StateTensor.of(StateType.U8, List.of(4000L), memory);
    try (Checkpointer checkpoints = OPTIONS.to(folder, events)) {
      checkpoints.prepare(Map.of("w", tensor));
      arena.close();
      checkpoints.save(1, Map.of("w", tensor));
      assertThatThrownBy(() -> checkpoints.awaitDurable(1))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("checkpoint 1 was not written: Already closed");
      assertThatThrownBy(checkpoints::awaitSnapshot)
          .hasMessage("writing checkpoints failed: Already closed");
    }
  }

  @Test
  void aListenersFailureHurtsNoCheckpoint() {
    Checkpointer checkpoints =
        OPTIONS.to(
            folder,
            event -> {
              if (event.kind() == Kind.SNAPSHOTTED) {
                throw new IllegalStateException("no room in the log");
              }
            });
    checkpoints.save(1, state(1));
    assertThatThrownBy(checkpoints::awaitSnapshot)
        .hasMessage("writing checkpoints failed: no room in the log");
    checkpoints.close();
    new Checkpoints(folder).verify(1);
  }

  @Test
  void givesUpWhatIsNotWrittenInTime() throws Exception {
    CheckpointOptions slow = OPTIONS.with(Map.of("throttle_write", 1000, "drain_timeout", 0.05));
    Checkpointer checkpoints = slow.to(folder, events);
    checkpoints.save(1, state(1));
    checkpoints.save(2, state(2));
    assertThatThrownBy(checkpoints::close)
        .isInstanceOf(CheckpointException.class)
        .hasMessage("checkpoint 1 was not on disk within drain_timeout, 0.05 s after the end");
    assertThat(events.kinds(1)).endsWith(Kind.FAILED);
    assertThat(events.kinds(2)).endsWith(Kind.FAILED);
    assertThat(files()).containsExactly("lock");
  }

  @Test
  void theOtherModesFailAlike() {
    for (String mode : List.of("sync", "snapshot-then-flush")) {
      Path place = folder.resolve(mode);
      FullDisk disk = new FullDisk(6000, "Input/output error");
      Checkpointer checkpoints = OPTIONS.with(Map.of("mode", mode)).to(place, events, disk);
      checkpoints.save(1, state(1));
      checkpoints.awaitDurable(1);
      assertThatThrownBy(
              () -> {
                checkpoints.save(2, state(2));
                checkpoints.close();
              })
          .isInstanceOf(CheckpointException.class)
          .hasMessage("writing checkpoints failed: Input/output error");
      checkpoints.close();
      assertThat(new Checkpoints(place).list())
          .extracting(CheckpointInfo::version)
          .containsExactly(1L);
    }
  }
}
