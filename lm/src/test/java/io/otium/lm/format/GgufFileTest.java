package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
  @TempDir Path folder;

  @Test
  void saysThatAFileIsNoGguf() throws Exception {
    Path file = Files.writeString(folder.resolve("a.gguf"), "something else");

    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": is no GGUF file (it does not begin with GGUF)");
  }
}
