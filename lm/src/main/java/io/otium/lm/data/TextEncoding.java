package io.otium.lm.data;

import io.otium.core.data.Row;
import io.otium.lm.text.LabelledTokens;
import io.otium.lm.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Plain text, all of it to learn: what the tokenizer puts around a text, the text, and an end
 * token.
 */
final class TextEncoding implements Encoding {
  private final Tokenizer tokenizer;
  private final String column;
  private final int end;

  /**
   * @param end id that ends a text, or -1 for none
   */
  TextEncoding(Tokenizer tokenizer, String column, int end) {
    this.tokenizer = tokenizer;
    this.column = column;
    this.end = end;
  }

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public LabelledTokens encode(Row row) {
    String text = row.text(column);
    if (text.isEmpty()) {
      throw row.refused(column, "an empty text");
    }
    return encode(tokenizer, text, end);
  }

  static LabelledTokens encode(Tokenizer tokenizer, String text, int end) {
    int[] tokens = tokenizer.encode(text, true, false);
    boolean ended = end < 0 || (tokens.length > 0 && tokens[tokens.length - 1] == end);
    int[] all = Arrays.copyOf(tokens, tokens.length + (ended ? 0 : 1));
    if (!ended) {
      all[tokens.length] = end;
    }
    boolean[] learned = new boolean[all.length];
    Arrays.fill(learned, true);
    return new LabelledTokens(all, learned, false, false);
  }

  @Override
  public String description() {
    return "text\n" + column + "\n" + end + "\n" + TokenizerFingerprint.of(tokenizer);
  }
}
