package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Metadata as llama.cpp's converter writes it, from the small tokenizers, gives the same ids. */
class GgufTokenizerTest {
  private static Map<String, Object> metadata(String name, String model) {
    ObjectNode json = Fixtures.tokenizerJson(name);
    String[] tokens =
        Arrays.stream(TokenizerJson.tokens(json))
            .map(Objects::requireNonNull)
            .toArray(String[]::new);
    var types = new int[tokens.length];
    var scores = new float[tokens.length];
    Arrays.fill(types, 1);
    for (JsonNode t : json.path("added_tokens")) {
      types[t.path("id").asInt()] = t.path("special").asBoolean() ? 3 : 4;
    }
    for (int i = 0; i < tokens.length; i++) {
      scores[i] = -i;
      if (Vocabulary.byteToken(tokens[i]) != null) {
        types[i] = 6;
      }
      if (model.equals("bert") && types[i] == 1) {
        tokens[i] = tokens[i].startsWith("##") ? tokens[i].substring(2) : "▁" + tokens[i];
      }
    }
    JsonNode vocabulary = json.path("model").path("vocab");
    for (int i = 0; vocabulary.isArray() && i < vocabulary.size(); i++) {
      scores[i] = (float) vocabulary.get(i).get(1).asDouble();
    }
    var merges = new ArrayList<String>();
    json.path("model")
        .path("merges")
        .forEach(m -> merges.add(m.get(0).asText() + " " + m.get(1).asText()));
    var out = new HashMap<String, Object>();
    out.put("tokenizer.ggml.model", model);
    out.put("tokenizer.ggml.tokens", tokens);
    out.put("tokenizer.ggml.token_type", types);
    out.put("tokenizer.ggml.scores", scores);
    out.put("tokenizer.ggml.merges", merges);
    return out;
  }

  @ParameterizedTest
  @CsvSource({"smol, smollm", "gpt2, gpt-2"})
  void byteLevelVocabulariesEncodeAsTheReference(String name, String pre) {
    Map<String, Object> metadata = metadata(name, "gpt2");
    metadata.put("tokenizer.ggml.pre", pre);
    try (Tokenizer tokenizer = Tokenizers.fromGguf(metadata)) {
      for (Fixtures.Case c : Fixtures.cases(name)) {
        assertThat(tokenizer.encode(c.text(), false, true)).as(c.text()).isEqualTo(c.ids());
        assertThat(tokenizer.decode(c.ids(), false)).as(c.text()).isEqualTo(c.decoded());
      }
    }
  }

  @Test
  void sentencePieceVocabulariesEncodeAsTheReference() {
    Map<String, Object> metadata = metadata("llama", "llama");
    metadata.put("tokenizer.ggml.bos_token_id", 1);
    metadata.put("tokenizer.ggml.eos_token_id", 2L);
    metadata.put("tokenizer.ggml.unknown_token_id", 0);
    try (Tokenizer tokenizer = Tokenizers.fromGguf(metadata)) {
      for (Fixtures.Case c : Fixtures.cases("llama")) {
        if (!c.text().contains("\u2581")) {
          assertThat(tokenizer.encode(c.text(), true, true))
              .as(c.text())
              .isEqualTo(c.withSpecial());
        }
      }
      assertThat(tokenizer.bos()).isEqualTo(1);
      assertThat(tokenizer.eos()).containsExactly(2);
      assertThat(tokenizer.decode(tokenizer.encode("a fox", true, false), true)).isEqualTo("a fox");
    }
  }

  @Test
  void wordPieceAndUnigramVocabulariesEncodeAsTheReference() {
    Map<String, Object> bert = metadata("bert", "bert");
    bert.put("tokenizer.ggml.unknown_token_id", 1);
    bert.put("tokenizer.ggml.cls_token_id", 2);
    bert.put("tokenizer.ggml.seperator_token_id", 3);
    Map<String, Object> unigram = metadata("unigram", "t5");
    unigram.put("tokenizer.ggml.unknown_token_id", 2);
    unigram.put("tokenizer.ggml.eos_token_id", 1);
    try (Tokenizer words = Tokenizers.fromGguf(bert);
        Tokenizer pieces = Tokenizers.fromGguf(unigram)) {
      for (Fixtures.Case c : Fixtures.cases("bert")) {
        assertThat(words.encode(c.text(), true, true)).as(c.text()).isEqualTo(c.withSpecial());
      }
      for (Fixtures.Case c : Fixtures.cases("unigram")) {
        // The small tokenizer's NFKC is not in the metadata; texts it leaves alone must agree.
        if (java.text.Normalizer.isNormalized(c.text(), java.text.Normalizer.Form.NFKC)) {
          assertThat(pieces.encode(c.text(), true, true)).as(c.text()).isEqualTo(c.withSpecial());
        }
      }
    }
  }

  @Test
  void everyWayToEndAnAnswerIsAnEndToken() {
    Map<String, Object> metadata = metadata("smol", "gpt2");
    metadata.put("tokenizer.ggml.pre", "smollm");
    metadata.put("tokenizer.ggml.eos_token_id", 2);
    assertThat(Tokenizers.fromGguf(metadata).eos()).containsExactlyInAnyOrder(0, 2);
  }

  @Test
  void metadataThatContradictItselfAreRefusedInASentence() {
    refuses("tokenizer.ggml.model", "word2vec", "kind 'word2vec'");
    refuses("tokenizer.ggml.model", null, "tokenizer.ggml.model is missing");
    refuses("tokenizer.ggml.tokens", null, "tokenizer.ggml.tokens is missing");
    refuses("tokenizer.ggml.tokens", List.of(1, 2), "tokenizer.ggml.tokens is not a list of texts");
    refuses("tokenizer.ggml.token_type", new int[] {1}, "has 1 entries for 467 tokens");
    refuses("tokenizer.ggml.merges", List.of("ab"), "merge 0 is 'ab', not two tokens");
    refuses("tokenizer.ggml.merges", List.of("zz qq"), "names a token that is not there");
    refuses("tokenizer.ggml.eos_token_id", 467, "outside the vocabulary of 467 tokens");
    refuses("tokenizer.ggml.pre", "martian", "pre-tokenizer 'martian'");
  }

  private static void refuses(
      String key, @org.jspecify.annotations.Nullable Object value, String why) {
    Map<String, Object> metadata = metadata("smol", "gpt2");
    metadata.put("tokenizer.ggml.pre", "smollm");
    if (value == null) {
      metadata.remove(key);
    } else {
      metadata.put(key, value);
    }
    assertThatThrownBy(() -> Tokenizers.fromGguf(metadata))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void theTemplateAndItsTokensComeFromTheMetadata() {
    Map<String, Object> metadata = metadata("smol", "gpt2");
    metadata.put("tokenizer.ggml.pre", "smollm");
    metadata.put("tokenizer.ggml.bos_token_id", 1);
    metadata.put("tokenizer.chat_template", "{{ bos_token }}{{ messages[0].content }}");
    ModelText text = ModelText.fromGguf(metadata);
    int[] prompt = text.chatPrompt(List.of(ChatMessage.user("a fox")), true, Map.of());
    assertThat(text.tokenizer().decode(prompt, false)).isEqualTo("<|im_start|>a fox");
    assertThat(prompt[0]).isEqualTo(1);
  }
}
