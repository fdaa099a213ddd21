package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BytePairTrainerTest {
  private static final List<String> TEXTS =
      List.of("low low low low low lower lower newest newest newest newest newest newest widest");

  @Test
  void mergesTheMostFrequentPairFirst() {
    ObjectNode json = BytePairTrainer.train(TEXTS::forEach, 256 + 1 + 3, List.of("<s>"));
    // "es" 7, "st" 7 and "we" 8: the frequencies of Sennrich's example, but for "widest".
    assertThat(json.path("model").path("merges").path(0).toString()).isEqualTo("[\"w\",\"e\"]");
    assertThat(json.path("model").path("vocab").size()).isEqualTo(260);
    assertThat(json.path("model").path("vocab").path("<s>").asInt(-1)).isZero();
  }

  @Test
  void bothReadersGiveTheSameIds() {
    ObjectNode json = BytePairTrainer.train(TEXTS::forEach, 300, List.of("<s>", "</s>"));
    try (Tokenizer own = TokenizerJson.read(json, -1, Set.of(1));
        Tokenizer library = HuggingFaceTokenizer.of(json, -1, Set.of(1))) {
      assertThat(own).isInstanceOf(VocabularyTokenizer.class);
      for (String text : List.of("the newest, lowest of 2024", " widest\n\nlow 日本</s>", "")) {
        int[] ids = own.encode(text, true, true);
        assertThat(ids).isEqualTo(library.encode(text, true, true));
        assertThat(own.decode(ids, false)).isEqualTo(text);
      }
    }
  }

  @Test
  void stopsWhereNoPairOccursTwice() {
    ObjectNode json = BytePairTrainer.train(sink -> sink.accept("abc"), 400, List.of());
    assertThat(json.path("model").path("merges")).isEmpty();
  }

  @Test
  void aVocabularyWithoutRoomForTheBytesIsRefused() {
    assertThatThrownBy(() -> BytePairTrainer.train(TEXTS::forEach, 256, List.of("<s>")))
        .hasMessage("a vocabulary of 256 tokens has no room for 1 special tokens and 256 bytes");
  }
}
