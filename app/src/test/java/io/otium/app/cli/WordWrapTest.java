package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WordWrapTest {
  private final StringBuilder out = new StringBuilder();
  private final WordWrap wrap = new WordWrap(20, out::append);

  @Test
  void breaksBetweenWordsWhateverThePieces() {
    for (String piece : "the quick brown fox jumps over".split("(?<=\\G..)")) wrap.print(piece);
    wrap.end();
    assertThat(out.toString()).isEqualTo("the quick brown fox\njumps over\n");
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 20);
  }

  @Test
  void keepsTheTextsOwnLines() {
    wrap.print("one\n\ntwo");
    wrap.end();
    assertThat(out).hasToString("one\n\ntwo\n");
  }

  @Test
  void countsWideCharactersTwice() {
    wrap.print("漢字漢字漢字 漢字漢字漢字");
    wrap.end();
    assertThat(out).hasToString("漢字漢字漢字\n漢字漢字漢字\n");
  }

  @Test
  void leavesALongWordToTheTerminal() {
    String url = "https://example.org/a/long/path";
    wrap.print(url);
    wrap.end();
    assertThat(out).hasToString(url + "\n");
  }

  @Test
  void linesInColumnsAreBrokenWithinTheLast() {
    WordWrap.lines("a b  1   the quick brown fox\n\nplain words in a row", 24, out::append);
    assertThat(out).hasToString("a b  1   the quick brown\n         fox\n\nplain words in a row\n");
  }

  @Test
  void dropsControlCharacters() {
    wrap.print("a\u001b[31mb");
    wrap.end();
    assertThat(out).hasToString("a[31mb\n");
  }
}
