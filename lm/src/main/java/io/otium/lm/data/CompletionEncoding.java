package io.otium.lm.data;

import io.otium.core.data.Row;
import io.otium.lm.text.LabelledTokens;
import io.otium.lm.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * A prompt and what should follow it, as plain text: the completion and an end token are learnt.
 */
final class CompletionEncoding implements Encoding {
  private final Tokenizer tokenizer;
  private final String prompt;
  private final String completion;
  private final int end;

  /**
   * @param end id that ends a completion, or -1 for none
   */
  CompletionEncoding(Tokenizer tokenizer, String prompt, String completion, int end) {
    this.tokenizer = tokenizer;
    this.prompt = prompt;
    this.completion = completion;
    this.end = end;
  }

  @Override
  public List<String> columns() {
    return List.of(prompt, completion);
  }

  @Override
  public LabelledTokens encode(Row row) {
    if (row.text(completion).isEmpty()) {
      throw row.refused(completion, "an empty text");
    }
    int[] asked = tokenizer.encode(row.text(prompt), true, false);
    int[] said = tokenizer.encode(row.text(completion), false, false);
    int[] all = Arrays.copyOf(asked, asked.length + said.length + (end < 0 ? 0 : 1));
    System.arraycopy(said, 0, all, asked.length, said.length);
    if (end >= 0) {
      all[all.length - 1] = end;
    }
    boolean[] learned = new boolean[all.length];
    Arrays.fill(learned, asked.length, all.length, true);
    return new LabelledTokens(all, learned, false, false);
  }

  @Override
  public String description() {
    return "completion\n%s\n%s\n%d\n%s"
        .formatted(prompt, completion, end, TokenizerFingerprint.of(tokenizer));
  }
}
