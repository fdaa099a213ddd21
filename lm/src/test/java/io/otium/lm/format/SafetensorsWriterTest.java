package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void aCopyHoldsTheSameTensors() throws Exception {
    Path copy = folder.resolve("copy.safetensors");
    try (var original = SafetensorsFile.open(ReferenceFiles.SAFETENSORS)) {
      var writer = new SafetensorsWriter().metadata("by", "otium \"1\"");
      for (String name : original.names()) writer.tensor(original.require(name));
      writer.write(copy);

      try (var written = SafetensorsFile.open(copy)) {
        assertThat(written.metadata())
            .containsEntry("by", "otium \"1\"")
            .containsEntry("format", "pt");
        assertThat(written.names()).containsExactlyInAnyOrderElementsOf(original.names());
        for (String name : original.names()) {
          TensorData ours = written.require(name);
          assertThat(ours.type()).isEqualTo(original.require(name).type());
          assertThat(ours.data().mismatch(original.require(name).data())).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void everyTensorIsAlignedToItsNumbers() throws Exception {
    Path file = folder.resolve("a.safetensors");
    var numbers = TensorData.of("half", new long[] {3}, new float[] {1, 2, 3});
    new SafetensorsWriter()
        .tensor(numbers, TensorType.BF16)
        .tensor(TensorData.of("full", new long[] {1}, new float[] {4}))
        .write(file);

    try (var written = SafetensorsFile.open(file)) {
      assertThat(written.require("half").floats()).containsExactly(1, 2, 3);
      assertThat(written.names()).containsExactly("full", "half");
      assertThat(written.require("full").data().address() % 4).isZero();
    }
  }

  @Test
  void splitsIntoShardsBySize() throws Exception {
    var writer = new SafetensorsWriter();
    for (int i = 0; i < 5; i++) {
      writer.tensor(TensorData.of("w" + i, new long[] {4}, new float[] {i, i, i, i}));
    }
    writer.writeSharded(folder, 32);

    assertThat(folder.resolve("model-00003-of-00003.safetensors")).exists();
    assertThat(folder.resolve("model-00004-of-00003.safetensors")).doesNotExist();
    for (Path path : new Path[] {folder, folder.resolve(SafetensorsFile.INDEX)}) {
      try (var written = SafetensorsFile.open(path)) {
        assertThat(written.names()).containsExactly("w0", "w1", "w2", "w3", "w4");
        assertThat(written.require("w4").floats()).containsExactly(4, 4, 4, 4);
      }
    }
  }

  @Test
  void aNewModelInTheSameFolderIsWhatReadersFind() throws Exception {
    var first = TensorData.of("a", new long[] {1}, new float[] {1});
    var second = TensorData.of("b", new long[] {1}, new float[] {2});
    new SafetensorsWriter().tensor(first).tensor(second).writeSharded(folder, 4);
    new SafetensorsWriter().tensor(second).writeSharded(folder, 4);
    try (var written = SafetensorsFile.open(folder)) {
      assertThat(written.names()).containsExactly("b");
    }
    new SafetensorsWriter().tensor(first).tensor(second).writeSharded(folder, 4);
    assertThat(Files.exists(folder.resolve(SafetensorsFile.SINGLE))).isFalse();
  }

  @Test
  void refusesBlockTypes() {
    var tensor = TensorData.of("w", new long[] {32}, new float[32]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SafetensorsWriter().tensor(tensor, TensorType.Q8_0))
        .withMessage(
            "tensor 'w' is Q8_0; safetensors holds F32, F16, BF16, F64, I8, I16, I32, I64, U8,"
                + " BOOL");
  }
}
