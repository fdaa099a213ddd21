package io.otium.app.server.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentenceEncoderTest {
  private static final SentenceEncoder ENCODER = SentenceEncoder.allMiniLm();

  @AfterAll
  static void close() {
    ENCODER.close();
  }

  private static float[] embed(String text) {
    return ENCODER.embed(ENCODER.tokens(text));
  }

  private static double similarity(String a, String b) {
    float[] x = embed(a);
    float[] y = embed(b);
    double dot = 0;
    for (int i = 0; i < x.length; i++) dot += x[i] * (double) y[i];
    return dot;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          How do I reset my password?     | I forgot my login and cannot get in. | The soup needs more salt.
          The cat sat on the mat.         | A kitten is resting on a rug.        | Interest rates rose in March.
          Ein Buch über Geschichte.       | Das Buch handelt von der Geschichte. | The engine needs oil.
          The stock market fell sharply.  | Shares dropped a lot today.          | He plays the violin well.
          """)
  void whatMeansTheSameIsCloserThanWhatDoesNot(String text, String same, String other) {
    assertThat(similarity(text, same)).isGreaterThan(similarity(text, other) + 0.15);
  }

  @Test
  void vectorsHaveLengthOneAndDoNotDependOnWhatCameBefore() {
    float[] first = embed("A first text.");
    embed("Another, rather longer text, of which the first must know nothing.");
    assertThat(embed("A first text.")).containsExactly(first);
    double square = 0;
    for (float value : first) square += value * (double) value;
    assertThat(square).isCloseTo(1, within(1e-5));
    assertThat(first).hasSize(ENCODER.dimensions());
  }

  @Test
  void aLongTextIsNotCutAt128Tokens() {
    String start = "word ".repeat(200);
    assertThat(ENCODER.tokens(start)).hasSize(202);
    assertThat(similarity(start + "music", start + "poison")).isLessThan(0.9999);
  }

  @Test
  void moreThanTheContextIsRefused() {
    assertThatThrownBy(() -> ENCODER.embed(new long[513]))
        .hasMessage("all-minilm-l6-v2 takes 1 to 512 tokens, not 513");
  }

  @Test
  void aModelWhoseFilesAreMissingSaysWhich() {
    try (var missing = new SentenceEncoder("ghost", "/ghost", 3, 8)) {
      assertThatThrownBy(() -> missing.tokens("a")).hasMessageContaining("/ghost-tokenizer.json");
    }
  }
}
