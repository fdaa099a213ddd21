package io.otium.lm.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** A tokenizer in Java alone: a vocabulary, its special tokens, and an encoder for the text. */
final class VocabularyTokenizer implements Tokenizer {
  private final Vocabulary vocabulary;
  private final TextEncoder encoder;
  private final SpecialTokens allSpecial = new SpecialTokens();

  /** What a user may spell: tokens that the model's authors added as plain text. */
  private final SpecialTokens userDefined = new SpecialTokens();

  private final int bos;
  private final Set<Integer> eos;

  /** Ids put before and after a text when asked for; often none. */
  private final int[] before;

  private final int[] after;

  /** Whether a decoded text loses the space that encoding put before it. */
  private final boolean dropsFirstSpace;

  VocabularyTokenizer(
      Vocabulary vocabulary,
      TextEncoder encoder,
      int bos,
      Set<Integer> eos,
      int[] before,
      int[] after,
      boolean dropsFirstSpace) {
    this.vocabulary = vocabulary;
    this.encoder = encoder;
    this.bos = bos;
    this.eos = Set.copyOf(eos);
    this.before = before;
    this.after = after;
    this.dropsFirstSpace = dropsFirstSpace;
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.special(id)) {
        allSpecial.add(vocabulary.tokens()[id], id);
      } else if (vocabulary.kinds()[id] == Vocabulary.USER_DEFINED) {
        allSpecial.add(vocabulary.tokens()[id], id);
        userDefined.add(vocabulary.tokens()[id], id);
      }
    }
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    var out = new IntArray();
    if (addSpecial) {
      for (int id : before) {
        out.add(id);
      }
    }
    (parseSpecial ? allSpecial : userDefined)
        .split(
            text,
            new SpecialTokens.Parts() {
              @Override
              public void text(String part, boolean start) {
                encoder.encode(part, start, out);
              }

              @Override
              public void special(int id) {
                out.add(id);
              }
            });
    if (addSpecial) {
      for (int id : after) {
        out.add(id);
      }
    }
    return out.toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var out = new ByteArrayOutputStream(4 * ids.length);
    boolean first = true;
    for (int id : ids) {
      if (skipSpecial && isSpecial(id)) {
        continue;
      }
      byte[] bytes = bytes(id);
      // The space that encoding put before the text is not the text's.
      boolean drop = first && dropsFirstSpace && bytes.length > 0 && bytes[0] == ' ';
      out.write(bytes, drop ? 1 : 0, drop ? bytes.length - 1 : bytes.length);
      first &= isSpecial(id);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public boolean dropsFirstSpace() {
    return dropsFirstSpace;
  }

  private void check(int id) {
    if (id < 0 || id >= vocabulary.size()) {
      throw new IllegalArgumentException(
          "token id " + id + " is outside the vocabulary of " + vocabulary.size() + " tokens");
    }
  }

  @Override
  public String token(int id) {
    check(id);
    return vocabulary.tokens()[id];
  }

  @Override
  public byte[] bytes(int id) {
    check(id);
    return vocabulary.bytes(id);
  }

  @Override
  public boolean isSpecial(int id) {
    check(id);
    return vocabulary.special(id);
  }

  @Override
  public int bos() {
    return bos;
  }

  @Override
  public Set<Integer> eos() {
    return eos;
  }

  @Override
  public void close() {}
}
