package io.otium.app.cli;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.utils.WCWidth;

/**
 * Breaks text that comes in pieces between words, so that none is cut at the terminal's edge. A
 * word is held back until it ends; one longer than a line is left to the terminal.
 */
final class WordWrap {
  /** What stands before the last column of a line, with the blanks that set it off. */
  private static final Pattern COLUMNS = Pattern.compile("^.{0,40} {2,}(?=\\S)");

  private final int width;
  private final int hang;
  private final Consumer<String> out;
  private final StringBuilder word = new StringBuilder();
  private int wordWidth;
  private int column;

  /** Spaces before the word, printed only if it stands on the same line. */
  private int spaces;

  /**
   * @param width columns of the terminal; below 20 (or unknown, 0) nothing is broken
   */
  WordWrap(int width, Consumer<String> out) {
    this(width, 0, out);
  }

  /**
   * @param hang column at which the rest of a broken line begins
   */
  WordWrap(int width, int hang, Consumer<String> out) {
    this.width = width < 20 ? Integer.MAX_VALUE : width;
    this.hang = hang < this.width / 2 ? hang : 0;
    this.out = out;
  }

  /** Prints whole lines; those in columns are broken within their last one. */
  static void lines(String text, int width, Consumer<String> out) {
    text.lines()
        .forEach(
            line -> {
              Matcher columns = COLUMNS.matcher(line);
              var wrap = new WordWrap(width, columns.find() ? columns.end() : 0, out);
              wrap.print(line);
              wrap.end();
              if (line.isBlank()) out.accept("\n");
            });
  }

  void print(String piece) {
    piece
        .codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                flushWord();
                out.accept("\n");
                column = 0;
                spaces = 0;
              } else if (c == ' ') {
                flushWord();
                spaces++;
              } else if (c == '\t' || !Character.isISOControl(c)) {
                word.appendCodePoint(c);
                wordWidth += c == '\t' ? 4 : Math.max(0, WCWidth.wcwidth(c));
              }
            });
  }

  private void flushWord() {
    if (word.isEmpty()) return;
    if (column > 0 && column + spaces + wordWidth > width && wordWidth <= width) {
      out.accept("\n" + " ".repeat(hang));
      column = hang;
    } else {
      out.accept(" ".repeat(spaces));
      column += spaces;
    }
    spaces = 0;
    out.accept(word.toString());
    column += wordWidth;
    word.setLength(0);
    wordWidth = 0;
  }

  /** The last word, and the end of the line. */
  void end() {
    flushWord();
    if (column > 0) out.accept("\n");
    column = 0;
  }
}
