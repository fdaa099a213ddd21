package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small tokenizers of every kind give what the reference implementation gave. */
class TokenizerReferenceTest {
  @ParameterizedTest
  @ValueSource(strings = {"smol", "qwen", "gpt2", "llama", "unigram", "bert"})
  void encodesAndDecodesAsTheReference(String name) {
    try (Tokenizer tokenizer = Fixtures.tokenizer(name)) {
      assertReference(tokenizer, name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smol", "qwen", "gpt2"})
  void theEncoderInJavaEqualsTheLibrary(String name) {
    try (Tokenizer java = Fixtures.tokenizer(name);
        Tokenizer library = Fixtures.library(name)) {
      assertThat(java).isInstanceOf(VocabularyTokenizer.class);
      assertReference(library, name);
      assertThat(java.vocabularySize()).isEqualTo(library.vocabularySize());
      for (int id = 0; id < java.vocabularySize(); id++) {
        assertThat(java.token(id)).isEqualTo(library.token(id));
        assertThat(java.bytes(id)).isEqualTo(library.bytes(id));
        assertThat(java.isSpecial(id)).isEqualTo(library.isSpecial(id));
      }
      for (Fixtures.Case c : Fixtures.cases(name)) {
        assertThat(java.encode(c.text(), true, false))
            .as(c.text())
            .isEqualTo(library.encode(c.text(), true, false));
      }
    }
  }

  private static void assertReference(Tokenizer tokenizer, String name) {
    for (Fixtures.Case c : Fixtures.cases(name)) {
      assertThat(tokenizer.encode(c.text(), false, true)).as(c.text()).isEqualTo(c.ids());
      assertThat(tokenizer.encode(c.text(), true, true)).as(c.text()).isEqualTo(c.withSpecial());
      assertThat(tokenizer.decode(c.ids(), false)).as(c.text()).isEqualTo(c.decoded());
      assertThat(tokenizer.decode(c.withSpecial(), true)).as(c.text()).isEqualTo(c.skipped());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smol", "qwen", "gpt2", "llama", "unigram", "bert"})
  void whatAUserTypesNeverBecomesASpecialToken(String name) {
    try (Tokenizer tokenizer = Fixtures.tokenizer(name)) {
      for (int special : tokenizer.specialIds()) {
        String typed = "a " + tokenizer.token(special) + tokenizer.token(special) + " b";
        assertThat(tokenizer.encode(typed, false, true)).contains(special);
        // An unknown character may still be the unknown token.
        if (!tokenizer.token(special).toLowerCase(java.util.Locale.ROOT).contains("unk")) {
          assertThat(tokenizer.encode(typed, false, false)).as(typed).doesNotContain(special);
        }
      }
    }
  }

  @Test
  void aBytesAbsentFromTheVocabularyEncodeToNothing() {
    try (Tokenizer smol = Fixtures.tokenizer("smol")) {
      assertThat(smol.encode("\u0004", false, false)).isEmpty();
      assertThat(smol.encode("a\u0004b", false, false))
          .isEqualTo(
              new int[] {smol.encode("a", false, false)[0], smol.encode("b", false, false)[0]});
    }
  }

  @Test
  void tokensStandForBytesByTheirKind() {
    try (Tokenizer smol = Fixtures.tokenizer("smol");
        Tokenizer llama = Fixtures.tokenizer("llama");
        Tokenizer bert = Fixtures.tokenizer("bert")) {
      int space = smol.encode(" ", false, false)[0];
      assertThat(smol.token(space)).isEqualTo("Ġ");
      assertThat(smol.bytes(space)).isEqualTo(new byte[] {' '});
      assertThat(smol.bytes(1)).isEqualTo("<|im_start|>".getBytes(StandardCharsets.UTF_8));
      assertThat(llama.token(3 + 0x0a)).isEqualTo("<0x0A>");
      assertThat(llama.bytes(3 + 0x0a)).isEqualTo(new byte[] {'\n'});
      int the = llama.encode("the", false, false)[0];
      assertThat(llama.token(the)).startsWith("▁");
      assertThat(llama.bytes(the)[0]).isEqualTo((byte) ' ');
      int[] word = bert.encode("thefox", false, false);
      assertThat(bert.token(word[word.length - 1])).startsWith("##");
      assertThat(new String(bert.bytes(word[word.length - 1]), StandardCharsets.UTF_8))
          .doesNotContain("#");
    }
  }

  @Test
  void idsOutsideTheVocabularyAreRefused() {
    for (String name : new String[] {"smol", "llama"}) {
      try (Tokenizer tokenizer = Fixtures.tokenizer(name)) {
        int size = tokenizer.vocabularySize();
        for (int id : new int[] {-1, size}) {
          assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> tokenizer.token(id)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage("token id " + id + " is outside the vocabulary of " + size + " tokens");
        }
      }
    }
  }

  @Test
  void aTokenizerOfAnotherModelIsRefused() {
    try (Tokenizer smol = Fixtures.tokenizer("smol")) {
      Tokenizers.check(smol, smol.vocabularySize());
      Tokenizers.check(smol, 512);
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> Tokenizers.check(smol, 400))
          .hasMessageContaining("467 tokens")
          .hasMessageContaining("only 400")
          .hasMessageContaining("not of the same model");
    }
  }
}
