package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.GgufValue;
import io.otium.lm.format.GgufWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.model.TestModels;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"smol, smollm", "gpt2, gpt-2", "qwen, qwen2", "llama, default"})
  void aTokenizerGivesTheSameIdsAsGgufAndBackAsJson(String name, String pre) {
    ObjectNode json = Fixtures.tokenizerJson(name);
    Map<String, Object> special = name.equals("llama") ? Map.of("bos_token", "<s>") : Map.of();
    int tokens = TokenizerJson.tokens(json).length;
    Map<String, GgufValue> values =
        new GgufVocabulary(json, special, Set.of(2), tokens + 3).values();
    Map<String, Object> metadata = plain(values);
    assertThat(metadata).containsEntry("tokenizer.ggml.pre", pre);
    boolean normalised = name.equals("qwen"); // to NFC, which GGUF does not say
    try (Tokenizer ofGguf = Tokenizers.fromGguf(metadata);
        Tokenizer again = TokenizerJson.read(new GgufTokenizerJson(metadata).json(), -1, Set.of());
        Tokenizer library =
            HuggingFaceTokenizer.of(new GgufTokenizerJson(metadata).json(), -1, Set.of())) {
      assertThat(ofGguf.vocabularySize()).isEqualTo(tokens + 3);
      for (Fixtures.Case c : Fixtures.cases(name)) {
        if (c.text().contains("\u2581")
            || normalised
                && !java.text.Normalizer.isNormalized(c.text(), java.text.Normalizer.Form.NFC)) {
          continue;
        }
        for (Tokenizer tokenizer : List.of(ofGguf, again, library)) {
          assertThat(tokenizer.encode(c.text(), true, true))
              .as(c.text() + " by " + tokenizer.getClass().getSimpleName())
              .isEqualTo(c.withSpecial());
          assertThat(tokenizer.decode(c.ids(), false)).as(c.text()).isEqualTo(c.decoded());
        }
      }
    }
  }

  @Test
  void aModelsTextComesBackFromItsGgufFile() throws Exception {
    Path model = TestModels.tinyChat();
    ModelText text = ModelText.fromDirectory(model);
    var writer =
        new GgufWriter().values(TokenizerFiles.gguf(model.resolve("tokenizer.json"), text, 320));
    writer.tensor(TensorData.of("x", new long[] {1}, new float[] {1}));
    writer.write(folder.resolve("a.gguf"));
    try (GgufFile file = GgufFile.open(folder.resolve("a.gguf"))) {
      ModelText read = ModelText.fromGguf(file.metadata());
      List<ChatMessage> chat = List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hello!"));
      assertThat(read.chatPrompt(chat, true, Map.of()))
          .isEqualTo(text.chatPrompt(chat, true, Map.of()));
      assertThat(read.tokenizer().eos()).containsAll(text.tokenizer().eos());
      Map<String, String> files = TokenizerFiles.ofGguf(file.metadata(), read, 1024);
      for (var entry : files.entrySet()) {
        java.nio.file.Files.writeString(folder.resolve(entry.getKey()), entry.getValue());
      }
      ModelText back = ModelText.fromDirectory(folder);
      assertThat(back.chatPrompt(chat, true, Map.of()))
          .isEqualTo(text.chatPrompt(chat, true, Map.of()));
      assertThat(back.tokenizer().eos()).isEqualTo(text.tokenizer().eos());
      assertThat(back.tokenizer().specialIds()).isEqualTo(text.tokenizer().specialIds());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unigram", "bert"})
  void kindsThatGgufHasNoFormForAreRefused(String name) {
    ObjectNode json = Fixtures.tokenizerJson(name);
    assertThatThrownBy(() -> new GgufVocabulary(json, Map.of(), Set.of(), 5000).values())
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void anUnknownPreTokenizerIsRefused() {
    ObjectNode json = Fixtures.tokenizerJson("qwen");
    ((ObjectNode) json.path("pre_tokenizer").path("pretokenizers").get(0).path("pattern"))
        .put("Regex", "\\p{L}+");
    assertThatThrownBy(() -> new GgufVocabulary(json, Map.of(), Set.of(), 5000).values())
        .hasMessageContaining("no name for the model's pre-tokenizer");
  }

  @Test
  void everyNamedPreTokenizerIsFoundAgainOrHasNoName() {
    for (String name : List.of("gpt-2", "smollm", "qwen2", "qwen35", "deepseek-v3", "gpt-4o")) {
      assertThat(PreTokenizer.name(PreTokenizer.patterns(name), false)).isEqualTo(name);
    }
    assertThat(PreTokenizer.name(PreTokenizer.patterns("llama-bpe"), true)).isEqualTo("llama-bpe");
    assertThat(PreTokenizer.name(PreTokenizer.patterns("llama3"), false)).isEqualTo("smaug-bpe");
    assertThat(IntStream.range(0, 2).mapToObj(i -> PreTokenizer.name(List.of("x"), i == 0)))
        .containsOnlyNulls();
  }

  private static Map<String, Object> plain(Map<String, GgufValue> values) {
    Map<String, Object> plain = new HashMap<>();
    values.forEach((key, value) -> plain.put(key, value.value()));
    return plain;
  }
}
