package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTest {
  @ParameterizedTest
  @ValueSource(strings = {"smol", "qwen", "llama"})
  void thePiecesTogetherAreTheWholeText(String name) {
    try (Tokenizer tokenizer = Fixtures.tokenizer(name)) {
      for (Fixtures.Case c : Fixtures.cases(name)) {
        var decoder = new StreamDecoder(tokenizer);
        var text = new StringBuilder();
        for (int id : c.withSpecial()) {
          text.append(decoder.add(id));
        }
        text.append(decoder.flush());
        assertThat(text.toString()).as(c.text()).isEqualTo(c.skipped());
      }
    }
  }

  @Test
  void aCharacterIsHeldBackUntilItsBytesAreThere() {
    try (Tokenizer smol = Fixtures.tokenizer("smol")) {
      int[] sloth = smol.encode("🦥", false, false);
      assertThat(sloth).hasSizeGreaterThan(1);
      var decoder = new StreamDecoder(smol);
      for (int i = 0; i + 1 < sloth.length; i++) {
        assertThat(decoder.add(sloth[i])).isEmpty();
      }
      assertThat(decoder.add(sloth[sloth.length - 1])).isEqualTo("🦥");
      assertThat(decoder.flush()).isEmpty();
      assertThat(decoder.add(sloth[0])).isEmpty();
      assertThat(decoder.flush()).isEqualTo("\ufffd");
      assertThat(decoder.flush()).isEmpty();
    }
  }

  @Test
  void aContinuationKeepsItsFirstSpace() {
    try (Tokenizer llama = Fixtures.tokenizer("llama")) {
      int[] fox = llama.encode("fox", false, false);
      var start = new StreamDecoder(llama);
      var next = StreamDecoder.continuing(llama);
      String first = "";
      String second = "";
      for (int id : fox) {
        first += start.add(id);
        second += next.add(id);
      }
      assertThat(first).isEqualTo("fox");
      assertThat(second).isEqualTo(" fox");
    }
  }

  private static String run(StopTexts stops, String... pieces) {
    var out = new StringBuilder();
    for (String piece : pieces) {
      out.append(stops.add(piece)).append('|');
    }
    return out + stops.flush() + (stops.found() ? "!" : "");
  }

  @Test
  void whatMayBeginAStopTextIsHeldBack() {
    assertThat(run(new StopTexts(List.of("\nUser:")), "Hi", "\nUs", "age", "\nUser", ": x", "y"))
        .isEqualTo("Hi||\nUsage||||!");
    assertThat(run(new StopTexts(List.of("abc")), "xab", "ab", "d")).isEqualTo("x|ab|abd|");
    assertThat(run(new StopTexts(List.of("abc")), "xab")).isEqualTo("x|ab");
    assertThat(run(new StopTexts(List.of()), "x")).isEqualTo("x|");
  }

  @Test
  void theStopTextThatEndsFirstEndsTheText() {
    assertThat(run(new StopTexts(List.of("abcd", "bc")), "xabcd")).isEqualTo("xa|!");
    assertThat(run(new StopTexts(List.of("c", "abc")), "xabc")).isEqualTo("x|!");
  }

  @Test
  void anEmptyStopTextIsRefused() {
    assertThatThrownBy(() -> new StopTexts(List.of("")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyStopTextsCostNoMoreThanOne() {
    List<String> many =
        new ArrayList<>(IntStream.range(0, 10_000).mapToObj(i -> "a".repeat(20) + i).toList());
    var stops = new StopTexts(many);
    var out = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      out.append(stops.add("a".repeat(100)));
    }
    assertThat(stops.found()).isFalse();
    out.append(stops.flush());
    assertThat(out).hasSize(200_000);
  }
}
