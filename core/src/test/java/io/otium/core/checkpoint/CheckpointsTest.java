package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.otium.core.options.OptionException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir Path folder;

  private Checkpoints checkpoints = new Checkpoints(Path.of("."));

  @BeforeEach
  void saveThree() {
    try (Checkpointer writer = CheckpointOptions.every(1).to(folder)) {
      for (int version = 1; version <= 3; version++) {
        writer.save(version, Map.of("w", States.floats(version, 0), "n", version));
      }
    }
    checkpoints = new Checkpoints(folder);
  }

  private Path state(long version) {
    return new CheckpointFolder(folder).state(version, 0);
  }

  private void newestIs(long version, String passedOver) {
    try (LoadedCheckpoint newest = checkpoints.loadNewest().orElseThrow()) {
      assertThat(newest.version()).isEqualTo(version);
      assertThat(newest.state().get("n")).isEqualTo(version);
      assertThat(String.join("", newest.passedOver())).contains(passedOver);
    }
  }

  @Test
  void listsWhatIsThere() {
    assertThat(checkpoints.list())
        .extracting(CheckpointInfo::version, CheckpointInfo::ranks, CheckpointInfo::problem)
        .containsExactly(tuple(1L, 1, ""), tuple(2L, 1, ""), tuple(3L, 1, ""));
    checkpoints.verify(3);
    newestIs(3, "");
    assertThat(new Checkpoints(folder.resolve("none")).loadNewest()).isEmpty();
    assertThatThrownBy(() -> checkpoints.load(7))
        .hasMessage("there is no checkpoint 7 in " + folder + "; there are [1, 2, 3]");
  }

  @Test
  void ignoresWhatIsHalfWritten() throws IOException {
    CheckpointFolder files = new CheckpointFolder(folder);
    Files.write(files.state(4, 0), new byte[100]); // renamed, but not committed
    Files.write(Disk.part(files.state(5, 0)), new byte[10]);
    Files.write(Disk.part(files.commit(4)), new byte[10]);
    newestIs(3, "");
    CheckpointOptions.every(1).to(folder).close();
    assertThat(files.state(4, 0)).doesNotExist();
    assertThat(Disk.part(files.state(5, 0))).doesNotExist();
    assertThat(Disk.part(files.commit(4))).doesNotExist();
    newestIs(3, "");
  }

  @Test
  void passesOverAFileThatIsCutShort() throws IOException {
    byte[] bytes = Files.readAllBytes(state(3));
    Files.write(state(3), Arrays.copyOf(bytes, bytes.length - 1));
    String problem = "bytes, where its commit record says " + bytes.length;
    assertThat(checkpoints.list().getLast().problem()).endsWith(problem);
    assertThatThrownBy(() -> checkpoints.verify(3)).hasMessageEndingWith(problem);
    newestIs(2, "checkpoint 3 was passed over: " + state(3) + " has ");
  }

  @Test
  void passesOverAFileThatHasChanged() throws IOException {
    byte[] bytes = Files.readAllBytes(state(3));
    bytes[bytes.length - 12] ^= 1;
    Files.write(state(3), bytes);
    assertThatThrownBy(() -> checkpoints.verify(3))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has changed since it was written: checksum ");
    newestIs(2, "has changed since it was written");
  }

  @Test
  void passesOverAMissingFileAndABrokenRecord() throws IOException {
    Files.delete(state(3));
    Files.writeString(new CheckpointFolder(folder).commit(2), "{\"version\":2,");
    assertThat(checkpoints.list().get(2).problem()).isEqualTo(state(3) + " is missing");
    assertThat(checkpoints.list().get(1).problem())
        .contains("v00000002.commit is no commit record");
    newestIs(1, state(3) + " is missing");
  }

  @Test
  void refusesARecordThatPointsElsewhere() throws IOException {
    Path commit = new CheckpointFolder(folder).commit(3);
    Files.writeString(
        commit, Files.readString(commit).replace("v00000003-shard0.state", "../secret"));
    assertThatThrownBy(() -> checkpoints.load(3))
        .hasMessage("the commit record names ../secret; files lie in the same folder");
  }

  @Test
  void refusesTensorsAndPlacesThatDoNotMatch() {
    EncodedState noPlace = EncodedState.of(Map.of("w", States.floats(1)), Map.of());
    assertThatThrownBy(() -> new LoadedShard().addState(Path.of("x"), whole(noPlace)))
        .hasMessage("x is broken: the tensor w has no place in the state");
    EncodedState noTensor = EncodedState.of(Map.of(), Map.of("w", "TENSOR|w"));
    assertThatThrownBy(() -> new LoadedShard().addState(Path.of("x"), whole(noTensor)))
        .hasMessage("x is broken: the state has a place for w, but no such tensor");
    EncodedState noCbor = new EncodedState(FileHeader.of(Map.of(), 3).toBytes(), new byte[3], 0);
    assertThatThrownBy(() -> new LoadedShard().addState(Path.of("x"), whole(noCbor)))
        .hasMessageStartingWith("x is broken: its plain values are no CBOR: ");
  }

  private static MemorySegment whole(EncodedState state) {
    return MemorySegment.ofArray(
        ByteBuffer.allocate((int) state.length())
            .put(state.header())
            .put(new byte[(int) state.tensorBytes()])
            .put(state.lean())
            .array());
  }

  @Test
  void goesBackToAnEarlierVersion() {
    checkpoints.discardAfter(1);
    newestIs(1, "");
    assertThat(checkpoints.list()).hasSize(1);
    try (Checkpointer writer = CheckpointOptions.every(1).to(folder)) {
      assertThatThrownBy(() -> checkpoints.discardAfter(0))
          .hasMessageContaining("another run writes its checkpoints there");
      writer.save(2, Map.of("n", 2));
    }
    newestIs(2, "");
  }

  @Test
  void aVersionThatIsSavedAgainReplacesTheOldOne() {
    try (Checkpointer writer = CheckpointOptions.every(1).to(folder)) {
      writer.save(3, Map.of("n", 3, "again", true));
    }
    try (LoadedCheckpoint loaded = checkpoints.load(3)) {
      assertThat(loaded.state()).containsEntry("again", true);
    }
  }

  @Test
  void exportsSafetensors() throws IOException {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("w", States.floats(1, 2));
    model.put("base", States.floats(3).withCapture(StateTensor.Capture.FROZEN));
    try (Checkpointer writer = CheckpointOptions.every(1).to(folder)) {
      writer.save(8, Map.of("model", model));
    }
    Path file = folder.resolve("model.safetensors");
    try (LoadedCheckpoint loaded = checkpoints.load(8)) {
      loaded.exportSafetensors(0, file);
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong();
    assertThat(length % 8).isZero();
    String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8).strip();
    assertThat(header)
        .isEqualTo(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"model.base\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"model.w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}");
    bytes.position(8 + length);
    assertThat(bytes.remaining()).isEqualTo(12);
    assertThat(bytes.getFloat()).isEqualTo(3);
    assertThat(bytes.getFloat()).isEqualTo(1);
  }

  @Test
  void refusesOptionsThatContradict() {
    assertThatThrownBy(
            () -> CheckpointOptions.every(1).with(Map.of("staging_bytes", 100, "chunk_bytes", 200)))
        .isInstanceOf(OptionException.class)
        .hasMessage("chunk_bytes must be at most staging_bytes (100), not 200");
    assertThatThrownBy(() -> CheckpointOptions.every(1).with(Map.of("interval", 0)))
        .hasMessage("interval must be a whole number of at least 1, not 0");
    assertThatThrownBy(() -> CheckpointOptions.every(1).with(Map.of("mode", "async")))
        .hasMessage("mode must be one of lazy, snapshot-then-flush, sync, not \"async\"");
    assertThat(CheckpointOptions.every(3).isDue(6)).isTrue();
    assertThat(CheckpointOptions.every(3).isDue(7)).isFalse();
  }
}
