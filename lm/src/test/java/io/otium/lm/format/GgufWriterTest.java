package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
  private static final TensorData SMALL =
      TensorData.of("w", new long[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6});

  @TempDir Path folder;

  @Test
  void aCopyHoldsTheSameMetadataAndTensors() throws Exception {
    Path copy = folder.resolve("copy.gguf");
    try (var original = GgufFile.open(ReferenceFiles.GGUF)) {
      var writer = new GgufWriter().values(original.values());
      for (String name : original.names()) writer.tensor(original.require(name));
      writer.write(copy);

      try (var written = GgufFile.open(copy)) {
        assertThat(written.values()).usingRecursiveComparison().isEqualTo(original.values());
        assertThat(written.names()).containsExactlyElementsOf(original.names());
        for (String name : original.names()) {
          TensorData ours = written.require(name);
          assertThat(ours.data().mismatch(original.require(name).data())).isEqualTo(-1);
          assertThat(ours.shape()).containsExactly(original.require(name).shape());
        }
      }
    }
  }

  @Test
  void aCopyIsTheReferencesFileByteByByte() throws Exception {
    Path copy = folder.resolve("copy.gguf");
    try (var original = GgufFile.open(ReferenceFiles.GGUF)) {
      var writer = new GgufWriter().values(original.values());
      for (String name : original.names()) writer.tensor(original.require(name));
      writer.write(copy);
    }
    assertThat(copy).hasSameBinaryContentAs(ReferenceFiles.GGUF);
  }

  @Test
  void keepsTheAlignmentThatTheMetadataAsksFor() throws Exception {
    Path file = folder.resolve("a.gguf");
    var other = TensorData.of("v", new long[] {1}, new float[] {7});
    new GgufWriter()
        .value("general.alignment", GgufValue.uint32(256))
        .tensor(SMALL)
        .tensor(other)
        .write(file);

    assertThat(Files.size(file) % 256).isZero();
    try (var written = GgufFile.open(file)) {
      assertThat(written.require("w").shape()).containsExactly(2, 3);
      assertThat(written.require("v").floats()).containsExactly(7);
    }
  }

  @Test
  void replacesTheTargetOnlyWhenTheWholeFileIsWritten() throws Exception {
    Path file = Files.writeString(folder.resolve("a.gguf"), "old");
    var bad = TensorData.of("w", new long[] {32}, new float[32]);
    bad.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, 0, Float.NaN);

    assertThatThrownBy(() -> new GgufWriter().tensor(bad, TensorType.Q8_0).write(file))
        .isInstanceOf(FormatException.class);

    assertThat(file).hasContent("old");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void aFullDiskIsSaidInOneSentence() {
    Path file = folder.resolve("a.gguf");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "%s: the disk is full, so the file was not written; free some space in %s"
                .formatted(file, folder));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesWhatGgufCannotHold() {
    var writer = new GgufWriter().tensor(SMALL);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.tensor(SMALL))
        .withMessage("tensor 'w' was added already; names must be unique");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.tensor(SMALL, TensorType.Q4_0))
        .withMessage("tensor 'w' has rows of 3 numbers; Q4_0 needs multiples of 32");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.tensor(SMALL, TensorType.Q4_K))
        .withMessageContaining("allowed are F32, F16, BF16, Q8_0 and Q4_0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.tensor(SMALL, TensorType.BOOL))
        .withMessageStartingWith("tensor 'w' is BOOL; GGUF holds F32 (0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GgufValue.uint32(-1))
        .withMessage("-1 is no UINT32; allowed is 0 to 4294967295");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GgufValue.of(GgufType.FLOAT32, 1L))
        .withMessage("FLOAT32 is given as Long; allowed is Float");
  }
}
