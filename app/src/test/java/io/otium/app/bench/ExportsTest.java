package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.app.cli.SmallModels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportsTest {
  @TempDir Path folder;

  @Test
  void everyFormIsTheSameModelToOtium() throws Exception {
    Exports exports = new Exports(SmallModels.folder("tiny-chat"), folder, line -> {});
    assertThat(exports.differenceOf(exports.merged())).isLessThan(1e-4);
    assertThat(exports.differenceOf(exports.gguf())).isLessThan(1e-4);
    assertThat(exports.differenceOf(exports.adapter())).isLessThan(1e-4);
    assertThat(exports.differenceOf(exports.base()))
        .as("the adapter of random numbers changes something")
        .isGreaterThan(0.01);
    JsonNode prompts = new ObjectMapper().readTree(exports.promptsFile().toFile());
    assertThat(prompts).hasSize(3);
    assertThat(prompts.path(2).path("chat").asBoolean()).isTrue();
    assertThat(prompts.path(0).path("ids")).hasSize(exports.prompts().getFirst().tokens().length);
  }

  @Test
  void theWorstNumberOfAPeersFileCounts() throws Exception {
    Exports exports = new Exports(SmallModels.folder("tiny-chat"), folder, line -> {});
    int rows = exports.prompts().stream().mapToInt(prompt -> prompt.logProbs().length).sum();
    int vocabulary = exports.prompts().getFirst().logProbs()[0].length;
    var bytes = ByteBuffer.allocate(rows * vocabulary * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Exports.Prompt prompt : exports.prompts()) {
      for (float[] row : prompt.logProbs()) for (float x : row) bytes.putFloat(x);
    }
    Path file = Files.write(folder.resolve("same"), bytes.array());
    assertThat(exports.difference(file)).isZero();
    int last = bytes.capacity() - Float.BYTES;
    bytes.putFloat(last, bytes.getFloat(last) - 2);
    assertThat(exports.difference(Files.write(file, bytes.array()))).isEqualTo(2);
    Files.write(file, new byte[Float.BYTES * vocabulary]);
    assertThatThrownBy(() -> exports.difference(file)).hasMessageContaining("smaller");
  }
}
