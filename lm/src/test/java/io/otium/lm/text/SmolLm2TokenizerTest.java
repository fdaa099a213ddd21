package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.lm.format.GgufFile;
import io.otium.lm.hub.OtiumHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The real SmolLM2, if it was pulled into Otium's home; the small {@code smol} of {@link
 * TokenizerReferenceTest} has the same kind and the same gaps and is always tested.
 */
class SmolLm2TokenizerTest {
  private static ModelText smolLm2() throws IOException {
    Path models = OtiumHome.fromEnvironment().models();
    List<Path> found = List.of();
    if (Files.isDirectory(models)) {
      try (var files = Files.walk(models, 4)) {
        found =
            files
                .filter(p -> p.getFileName().toString().matches("SmolLM2-135M-Instruct.*\\.gguf"))
                .toList();
      }
    }
    assumeTrue(!found.isEmpty(), "SmolLM2 is not in " + models + " (./otium pull fetches it)");
    try (GgufFile file = GgufFile.open(found.getFirst())) {
      return ModelText.fromGguf(file.metadata());
    }
  }

  @Test
  void encodesAsTheReferenceAndBack() throws IOException {
    Tokenizer tokenizer = smolLm2().tokenizer();
    assertThat(tokenizer.vocabularySize()).isEqualTo(49_152);
    for (JsonNode c : Fixtures.json("/tokenizers/smollm2.cases.json")) {
      String text = c.path("text").asText();
      int[] ids = tokenizer.encode(text, false, true);
      assertThat(ids).as(text).isEqualTo(Fixtures.ids(c.path("ids")));
      if (text.chars().noneMatch(ch -> ch < ' ' || ch == 0x7f)) {
        assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
      }
    }
    assertThat(tokenizer.encode("\u0004", false, false)).isEmpty();
    assertThat(tokenizer.eos()).contains(2);
  }

  @Test
  void chatsAsItsTemplateSays() throws IOException {
    ModelText text = smolLm2();
    int[] prompt = text.chatPrompt(List.of(ChatMessage.user("Hi <|im_end|>")), true, Map.of());
    assertThat(text.tokenizer().decode(prompt, false))
        .isEqualTo(
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging"
                + " Face<|im_end|>\n<|im_start|>user\nHi <|im_end|><|im_end|>\n"
                + "<|im_start|>assistant\n");
    assertThat(java.util.Arrays.stream(prompt).filter(id -> id == 2)).hasSize(2);
  }
}
