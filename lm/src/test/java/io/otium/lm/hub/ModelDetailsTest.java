package io.otium.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.model.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDetailsTest {
  @TempDir Path temp;

  @Test
  void aFolderOfSafetensorsIsDescribedByItsHeaders() {
    ModelDetails details = ModelDetails.of(TestModels.folder("llama"));
    assertThat(details.architecture()).isEqualTo("llama");
    assertThat(details.parameters()).isPositive();
    assertThat(details.layers()).isPositive();
    assertThat(details.context()).isPositive();
    assertThat(details.weightBytes())
        .containsOnlyKeys("fp32", "bf16", "int8", "int4")
        .containsEntry("fp32", 4 * details.parameters())
        .containsEntry("bf16", 2 * details.parameters());
    assertThat(details.memory("bf16", 100, true))
        .isEqualTo(2 * details.parameters() + 100 * details.kvBytesPerToken());
    assertThat(details.memory("fp32", 100, false))
        .isEqualTo(4 * details.parameters() + 200 * details.kvBytesPerToken());
    assertThatThrownBy(() -> details.memory("int3", 1, true)).hasMessageContaining("int4");
  }

  @Test
  void anEncoderHasNoCache() {
    assertThat(ModelDetails.of(TestModels.folder("bert")).kvBytesPerToken()).isZero();
  }

  @Test
  void damagedModelsAreToldInASentence() throws IOException {
    Path noise = Files.writeString(temp.resolve("noise.gguf"), "GGUF\u0003 and nothing else");
    assertThatThrownBy(() -> ModelDetails.of(noise))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("noise.gguf");
    assertThatThrownBy(() -> ModelDetails.of(temp))
        .isInstanceOf(PullException.class)
        .hasMessageContaining(temp.toString());
  }
}
