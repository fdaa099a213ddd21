package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void readsWhatTheReferenceWrote() throws Exception {
    try (var file = SafetensorsFile.open(ReferenceFiles.SAFETENSORS)) {
      assertThat(file.metadata()).containsEntry("made-by", "safetensors");
      assertThat(file.require("source").type()).isEqualTo(TensorType.F32);
      assertThat(file.require("source").shape()).containsExactly(2, 256);
      assertThat(file.require("source.Q4_0").type()).isEqualTo(TensorType.U8);
    }
  }

  @Test
  void tellsTheTwoFormatsApart() throws Exception {
    try (var gguf = TensorSource.open(ReferenceFiles.GGUF);
        var safetensors = TensorSource.open(ReferenceFiles.SAFETENSORS)) {
      assertThat(gguf).isInstanceOf(GgufFile.class);
      assertThat(safetensors).isInstanceOf(SafetensorsFile.class);
    }
  }

  @Test
  void readsScalarsAndEmptyTensors() throws Exception {
    Path file =
        write(
            """
            {"s":{"dtype":"I64","shape":[],"data_offsets":[0,8]},
             "e":{"dtype":"F32","shape":[0,4],"data_offsets":[8,8]}}\
            """,
            8);
    try (var read = SafetensorsFile.open(file)) {
      assertThat(read.require("s").floats()).containsExactly(0);
      assertThat(read.require("e").floats()).isEmpty();
      read.validate();
    }
  }

  @Test
  void refusesAHeaderLongerThanTheFile() throws Exception {
    for (long length : new long[] {Long.MAX_VALUE, -1, 100, 0}) {
      Path file = folder.resolve("a.safetensors");
      Files.write(file, withLength(length, "{}", 0));
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("a header of " + Long.toUnsignedString(length) + " bytes");
    }
    Path cut = Files.write(folder.resolve("b.safetensors"), new byte[5]);
    assertThatThrownBy(() -> SafetensorsFile.open(cut))
        .hasMessage(cut + ": is no safetensors file: it is shorter than 8 bytes");
  }

  @Test
  void refusesMalformedJson() throws Exception {
    assertRefused("[]", 0, "the header is START_ARRAY where START_OBJECT is needed");
    assertRefused("{} {}", 0, "more follows the JSON object");
    assertRefused("{\"a\":", 0, "its JSON header is malformed");
    assertRefused("{\"a\":{\"x\":1}}", 0, "tensor 'a' has the unknown key 'x'");
    assertRefused("{\"a\":{}}", 0, "tensor 'a' lacks dtype, shape or two data_offsets");
    assertRefused("[".repeat(100_000), 0, "the header is START_ARRAY");
    assertRefused("{\"a\":" + "[".repeat(100_000), 0, "where START_OBJECT is needed");
    assertRefused("{\"a\":{\"shape\":" + "[".repeat(100_000), 0, "where VALUE_NUMBER_INT");
  }

  @Test
  void refusesDuplicateNames() throws Exception {
    String tensor = "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
    assertRefused("{" + tensor + "," + tensor + "}", 1, "Duplicate field 'a'");
  }

  @Test
  void refusesUnknownTypes() throws Exception {
    assertRefused(
        tensor("F8_E4M3", "[1]", "[0,1]"),
        1,
        "tensor 'a' has dtype F8_E4M3; supported are F32, F16, BF16, F64, I8, I16, I32, I64, U8,"
            + " BOOL");
  }

  @Test
  void refusesAbsurdShapes() throws Exception {
    assertRefused(tensor("F32", "[4294967296,4294967296]", "[0,4]"), 4, "has the impossible shape");
    assertRefused(tensor("F32", "[-1]", "[0,4]"), 4, "the shape of 'a' has -1");
    assertRefused(tensor("F32", "[1.5]", "[0,4]"), 4, "VALUE_NUMBER_FLOAT");
    assertRefused(tensor("F32", "[99999999999999999999]", "[0,4]"), 4, "out of range of long");
    assertRefused(tensor("F32", "[" + "1,".repeat(16) + "1]", "[0,4]"), 4, "more than the 16");
    assertRefused(
        tensor("F32", "[2]", "[0,4]"), 4, "has data_offsets [0, 4]; F32 [2] takes 8 bytes");
  }

  @Test
  void refusesOffsetsOutsideTheFileHolesAndOverlaps() throws Exception {
    assertRefused(tensor("U8", "[8]", "[0,8]"), 4, "the file holds 4 bytes of data");
    assertRefused(
        tensor("U8", "[1]", "[9223372036854775806,9223372036854775807]"), 4, "from offset 922337");
    assertRefused(tensor("U8", "[2]", "[2,4]"), 4, "no tensor claims the bytes from");
    assertRefused(tensor("U8", "[2]", "[0,2]"), 4, "no tensor claims the bytes from");
    assertRefused(
        """
        {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},
         "b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}\
        """,
        4,
        "tensors 'a' and 'b' overlap");
  }

  @Test
  void anIndexCannotLeadOutOfItsFolder() throws Exception {
    for (String file : new String[] {"../x.safetensors", "/etc/passwd", "a\\\\b", "..", ""}) {
      Path index = folder.resolve(SafetensorsFile.INDEX);
      Files.writeString(index, "{\"weight_map\":{\"w\":\"" + file + "\"}}");
      assertThatThrownBy(() -> SafetensorsFile.open(folder))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("allowed are names without a path");
    }
  }

  @Test
  void anIndexMustTellTheTruth() throws Exception {
    Path shard = write("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
    Path index = folder.resolve(SafetensorsFile.INDEX);
    Files.writeString(index, "{\"weight_map\":{\"w\":\"" + shard.getFileName() + "\"}}");
    assertThatThrownBy(() -> SafetensorsFile.open(index))
        .hasMessage(index + ": says that 'w' is in a.safetensors, which lacks it");
    Files.writeString(index, "{\"weight_map\":{\"w\":\"missing.safetensors\"}}");
    assertThatThrownBy(() -> SafetensorsFile.open(index)).hasMessageEndingWith("does not exist");
    Files.writeString(index, "{\"metadata\":{}}");
    assertThatThrownBy(() -> SafetensorsFile.open(index)).hasMessageContaining("no weight_map");
  }

  @Test
  void aFolderMustHoldAModel() {
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .hasMessage(folder + ": holds neither model.safetensors nor model.safetensors.index.json");
  }

  private static String tensor(String type, String shape, String offsets) {
    return "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(type, shape, offsets);
  }

  private void assertRefused(String json, int dataBytes, String because) throws IOException {
    Path file = write(json, dataBytes);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(because);
  }

  private Path write(String json, int dataBytes) throws IOException {
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return Files.write(folder.resolve("a.safetensors"), withLength(length, json, dataBytes));
  }

  private static byte[] withLength(long length, String json, int dataBytes) {
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + utf8.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(utf8)
        .array();
  }
}
