package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
  private static final int STRING = GgufType.STRING.id();
  private static final int ARRAY = GgufType.ARRAY.id();
  private static final int UINT32 = GgufType.UINT32.id();

  @TempDir Path folder;

  @Test
  void readsMetadataOfEveryKind() throws Exception {
    try (var gguf = GgufFile.open(ReferenceFiles.GGUF)) {
      assertThat(gguf.version()).isEqualTo(3);
      assertThat(gguf.metadata())
          .containsEntry("general.architecture", "llama")
          .containsEntry("test.u8", 200L)
          .containsEntry("test.i8", -100L)
          .containsEntry("test.u16", 60_000L)
          .containsEntry("test.i16", -30_000L)
          .containsEntry("test.u32", 4_000_000_000L)
          .containsEntry("test.i32", -2_000_000_000L)
          .containsEntry("test.u64", 1L << 40)
          .containsEntry("test.i64", -(1L << 40))
          .containsEntry("test.f32", 0.5f)
          .containsEntry("test.f64", 0.25)
          .containsEntry("test.bool", true)
          .containsEntry("test.string", "héllo ▁")
          .containsEntry("test.strings", List.of("a", "", "Ġthe", "▁"));
      assertThat(gguf.integers("test.ints")).containsExactly(-1, 2, 3);
      assertThat(gguf.numbers("test.floats")).containsExactly(0.5f, -1.5f);
      assertThat(gguf.metadata().get("test.bools")).isEqualTo(new boolean[] {true, false});
      assertThat(gguf.metadata().get("test.nested"))
          .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(GgufValue.class))
          .extracting(GgufValue::value)
          .containsExactly(new int[] {1, 2}, new int[] {3, 4});
    }
  }

  @Test
  void readsVersion2() throws Exception {
    byte[] bytes = ReferenceFiles.bytes(ReferenceFiles.GGUF);
    bytes[4] = 2;
    Path file = Files.write(folder.resolve("v2.gguf"), bytes);

    try (var gguf = GgufFile.open(file)) {
      assertThat(gguf.version()).isEqualTo(2);
      assertThat(gguf.names()).hasSize(20).contains("Q4_K");
    }
  }

  @Test
  void metadataOutlivesTheFileAndTensorsDoNot() throws Exception {
    GgufFile gguf = GgufFile.open(ReferenceFiles.GGUF);
    TensorData tensor = gguf.require("F32");
    gguf.close();
    gguf.close();

    assertThat(gguf.strings("test.strings")).contains("Ġthe");
    assertThatThrownBy(tensor::floats).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void typedGettersSayWhatIsWrong() throws Exception {
    try (var gguf = GgufFile.open(ReferenceFiles.GGUF)) {
      assertThat(gguf.integer("test.u8")).isEqualTo(200);
      assertThat(gguf.integer("absent", 7)).isEqualTo(7);
      assertThat(gguf.number("test.u8")).isEqualTo(200f);
      assertThat(gguf.flag("absent", true)).isTrue();
      assertThat(gguf.strings("absent")).isEmpty();
      assertThatThrownBy(() -> gguf.integer("absent"))
          .hasMessage(ReferenceFiles.GGUF + ": has no metadata 'absent'");
      assertThatThrownBy(() -> gguf.integer("test.string"))
          .hasMessageEndingWith("metadata 'test.string' is STRING where Long is needed");
      assertThatThrownBy(() -> gguf.integer("test.u64"))
          .hasMessageContaining("is 1099511627776; allowed is");
      assertThatThrownBy(() -> gguf.strings("test.ints"))
          .hasMessageEndingWith("is ARRAY of INT32 where an array of strings is needed");
      assertThatThrownBy(() -> gguf.require("absent"))
          .hasMessageEndingWith("has no tensor 'absent' among its 20 tensors");
    }
  }

  @Test
  void saysThatAFileIsNoGguf() throws Exception {
    Path file = Files.writeString(folder.resolve("a.gguf"), "something else");

    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": is no GGUF file (it does not begin with GGUF)");
  }

  @Test
  void refusesWhatIsNotThere() {
    Path file = folder.resolve("none.gguf");
    assertThatThrownBy(() -> GgufFile.open(file)).hasMessage(file + ": does not exist");
    assertThatThrownBy(() -> GgufFile.open(folder)).hasMessage(folder + ": is no regular file");
  }

  @Test
  void refusesAnEmptyFile() throws Exception {
    assertRefused(new GgufBytes(), "ends after 0 bytes, in the middle of the magic");
  }

  @Test
  void refusesOtherVersions() throws Exception {
    assertRefused(GgufBytes.header(1, 0, 0), "GGUF version 1; allowed are 2 and 3");
    assertRefused(GgufBytes.header(-1, 0, 0), "GGUF version 4294967295; allowed are 2 and 3");
    assertRefused(GgufBytes.header(3 << 24, 0, 0), "is a big-endian GGUF file");
  }

  @Test
  void refusesCountsThatTheFileCannotHold() throws Exception {
    assertRefused(GgufBytes.header(3, 1L << 60, 0), "claims 1152921504606846976 tensors");
    assertRefused(GgufBytes.header(3, -1, 0), "claims 18446744073709551615 tensors");
    assertRefused(GgufBytes.header(3, 0, 1L << 60), "claims 1152921504606846976 metadata values");
    assertRefused(
        GgufBytes.header(3, 0, 1).text("k").u32(ARRAY).u32(UINT32).u64(1L << 61).data(64),
        "claims 2305843009213693952 elements of 'k'");
  }

  @Test
  void refusesStringsLongerThanTheFile() throws Exception {
    assertRefused(
        GgufBytes.header(3, 0, 1).text("k").u32(STRING).u64(Long.MAX_VALUE).data(64),
        "k is a string of 9223372036854775807 bytes");
    assertRefused(
        GgufBytes.header(3, 0, 1).text("k").u32(ARRAY).u32(STRING).u64(2).u64(1).u64(-1).data(64),
        "k is a string of");
  }

  @Test
  void refusesArraysNestedTooDeep() throws Exception {
    GgufBytes bytes = GgufBytes.header(3, 0, 1).text("k").u32(ARRAY);
    for (int i = 0; i < 1000; i++) bytes.u32(ARRAY).u64(1);
    assertRefused(bytes, "array 'k' is nested deeper than the 4 allowed");
  }

  @Test
  void refusesUnknownTypes() throws Exception {
    assertRefused(
        GgufBytes.header(3, 0, 1).text("k").u32(13).data(32), "metadata 'k' has type number 13");
    assertRefused(
        GgufBytes.header(3, 1, 0).tensorOfType("t", 16, 0, 256).data(1024),
        "tensor 't' has type number 16; supported are F32 (0), F16 (1)");
  }

  @Test
  void refusesDuplicateNames() throws Exception {
    assertRefused(
        GgufBytes.header(3, 0, 2).text("k").u32(UINT32).u32(1).text("k").u32(UINT32).u32(1),
        "metadata key 'k' occurs twice");
    assertRefused(
        GgufBytes.header(3, 2, 0).tensor("t", 0, 8).tensor("t", 32, 8).data(64),
        "tensor 't' occurs twice");
  }

  @Test
  void refusesAbsurdShapes() throws Exception {
    long huge = 1L << 40;
    assertRefused(
        GgufBytes.header(3, 1, 0).tensor("t", 0, huge, huge).data(64),
        "tensor 't' has the impossible shape [1099511627776, 1099511627776] for F32");
    assertRefused(
        GgufBytes.header(3, 1, 0).tensor("t", 0, 1L << 62).data(64), "has the impossible shape");
    assertRefused(GgufBytes.header(3, 1, 0).tensor("t", 0, 0).data(64), "has dimension 0");
    assertRefused(
        GgufBytes.header(3, 1, 0).tensor("t", 0, -1).data(64),
        "has dimension 18446744073709551615");
    assertRefused(
        GgufBytes.header(3, 1, 0).text("t").u32(1 << 30).data(64),
        "has 1073741824 dimensions; allowed are 0 to 4");
    assertRefused(
        GgufBytes.header(3, 1, 0).tensorOfType("t", TensorType.Q8_0.ggufId(), 0, 16, 2).data(64),
        "has rows of 16 numbers; Q8_0 needs multiples of 32");
  }

  @Test
  void refusesOffsetsOutsideTheFile() throws Exception {
    assertRefused(
        GgufBytes.header(3, 1, 0).tensor("t", 64, 8).data(64),
        "tensor 't' takes 32 bytes from offset 64 on; the file holds 64 bytes of data");
    assertRefused(GgufBytes.header(3, 1, 0).tensor("t", -32, 8).data(64), "from offset 1844674407");
    assertRefused(
        GgufBytes.header(3, 1, 0).tensor("t", Long.MAX_VALUE - 31, 8).data(64),
        "from offset 92233");
    assertRefused(
        GgufBytes.header(3, 1, 0).tensor("t", 3, 8).data(64), "must be multiples of the alignment");
  }

  @Test
  void refusesTensorsThatOverlap() throws Exception {
    assertRefused(
        GgufBytes.header(3, 2, 0).tensor("a", 0, 16).tensor("b", 32, 8).data(64),
        "tensors 'a' and 'b' overlap");
  }

  @Test
  void refusesAnAlignmentOfZero() throws Exception {
    assertRefused(
        GgufBytes.header(3, 0, 1).text("general.alignment").u32(UINT32).u32(0),
        "general.alignment is no power of two");
  }

  @Test
  void refusesOnePartOfASplitModel() throws Exception {
    assertRefused(
        GgufBytes.header(3, 0, 1).text("split.count").u32(UINT32).u32(3), "is one part of 3");
  }

  private void assertRefused(GgufBytes bytes, String because) throws IOException {
    Path file = bytes.write(folder.resolve("hostile.gguf"));
    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(because);
  }
}
