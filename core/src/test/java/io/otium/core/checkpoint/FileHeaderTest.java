package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FileHeaderTest {
  private static final Path FILE = Path.of("x.state");

  /** Tensors of 16 and 8 bytes and a lean state of 30. */
  private static FileHeader sample() {
    Map<String, StateTensor> tensors = new LinkedHashMap<>();
    tensors.put("model|weight", States.floats(1, 2, 3, 4));
    tensors.put("model|bias", States.floats(5, 6));
    return FileHeader.of(tensors, 30);
  }

  private static MemorySegment file(String json, int dataBytes) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return MemorySegment.ofArray(
        ByteBuffer.allocate(8 + text.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text)
            .array());
  }

  @Test
  void liesBackToBackWithTheLeanStateAtTheEnd() {
    FileHeader header = sample();
    assertThat(header.tensors())
        .extracting(TensorRange::begin, TensorRange::end)
        .containsExactly(tuple(0L, 16L), tuple(16L, 24L));
    assertThat(header.leanBegin()).isEqualTo(24);
    assertThat(header.leanEnd()).isEqualTo(54);
    byte[] bytes = header.toBytes();
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(bytes).hasSize((int) (8 + length));
    assertThat(new String(bytes, 8, bytes.length - 8, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"model|weight\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
                + "\"model|bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},"
                + "\"datastates_metadata\":{\"data_offsets\":[24,54]}}");
    assertThat(new EncodedState(bytes, new byte[30], 24).length()).isEqualTo(8 + length + 54);
  }

  @Test
  void readsWhatItWrote() {
    byte[] head = sample().toBytes();
    MemorySegment whole = MemorySegment.ofArray(Arrays.copyOf(head, head.length + 54));
    FileHeader.Located located = FileHeader.read(FILE, whole);
    assertThat(located.header()).isEqualTo(sample());
    assertThat(located.dataStart()).isEqualTo(head.length);
  }

  @Test
  void refusesABrokenHeader() {
    refused(MemorySegment.ofArray(new byte[7]), "x.state is no checkpoint: it is shorter than 8");
    byte[] huge = new byte[100];
    huge[4] = 1;
    refused(
        MemorySegment.ofArray(huge),
        "is cut short: it claims a header of 4294967296 bytes, and 92 follow");
    refused(file("{\"a\":", 0), "x.state has a broken header: ");
    refused(file("[]", 0), "it is no JSON object with datastates_metadata");
    refused(file("{}", 0), "it is no JSON object with datastates_metadata");
    String lean = ",\"datastates_metadata\":{\"data_offsets\":[8,9]}}";
    refused(
        file("{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}" + lean, 9),
        "dtype F31 is unknown; known are F64, F32, F16, BF16,");
    refused(
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}" + lean, 9),
        "a has 8 bytes, where F32 [3] takes 12");
    refused(
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}" + lean, 9),
        "a has the size -1; it is 0 or more");
    refused(
        file(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}"
                + lean,
            9),
        "which is too large");
    refused(
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[2,10]}" + lean, 9),
        "a lies at [2,10], which is no range within the 9 bytes after the header");
    String one = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    refused(file("{" + one + "," + one + lean, 9), "Duplicate field 'a'");
  }

  private static void refused(MemorySegment file, String message) {
    assertThatThrownBy(() -> FileHeader.read(FILE, file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  @Test
  void namesEveryDtypeThatItKnows() {
    for (StateType type : StateType.values()) {
      assertThat(StateType.named(type.name())).isEqualTo(type);
    }
    assertThat(List.of(StateType.F64.bytes(), StateType.BF16.bytes(), StateType.BOOL.bytes()))
        .containsExactly(8, 2, 1);
  }
}
