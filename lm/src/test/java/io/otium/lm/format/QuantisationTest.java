package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantisationTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16", "Q8_0", "Q4_0"})
  void bytesAreThoseOfTheReference(TensorType type) throws Exception {
    Path file = folder.resolve("q.gguf");
    try (var reference = SafetensorsFile.open(ReferenceFiles.SAFETENSORS)) {
      new GgufWriter().tensor(reference.require("source"), type).write(file);
      try (var written = GgufFile.open(file)) {
        byte[] ours = written.require("source").data().toArray(ValueLayout.JAVA_BYTE);
        TensorData theirs = reference.require("source." + type);

        assertThat(ours).containsExactly(theirs.data().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void refusesNumbersThatTheTypeCannotHold() {
    float[] numbers = new float[64];
    numbers[40] = Float.POSITIVE_INFINITY;
    Path file = folder.resolve("q.gguf");
    var writer =
        new GgufWriter().tensor(TensorData.of("w", new long[] {64}, numbers), TensorType.Q4_0);

    assertThatThrownBy(() -> writer.write(file))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": tensor 'w': Infinity at element 40 is beyond what Q4_0 can hold");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAFiniteNumberThatWouldBecomeInfinite() {
    Path file = folder.resolve("q.gguf");
    var tensor = TensorData.of("w", new long[] {2}, new float[] {65504, 65536});

    assertThatThrownBy(() -> new GgufWriter().tensor(tensor, TensorType.F16).write(file))
        .hasMessage(file + ": tensor 'w': 65536.0 at element 1 is beyond what F16 can hold");
  }
}
