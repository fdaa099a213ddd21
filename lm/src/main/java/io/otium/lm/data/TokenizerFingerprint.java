package io.otium.lm.data;

import io.otium.lm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * Tells tokenizers apart: a SHA-256 of all tokens with their ids, and of what becomes of a text
 * that makes most pre-tokenizers and normalisers differ.
 */
final class TokenizerFingerprint {
  private static final String PROBE =
      "Hello  world's\n\n\tGRÜSSE ﬁ 12345 3.14 日本語 🦥 é e\u0301 don't _a_ #x /y\r\nend ";

  private TokenizerFingerprint() {}

  static String of(Tokenizer tokenizer) {
    Sha256 digest = new Sha256();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      String token;
      try {
        token = tokenizer.token(id);
      } catch (IllegalArgumentException e) {
        token = ""; // an id without a token
      }
      digest.add(token.getBytes(StandardCharsets.UTF_8)).add(new byte[] {0});
    }
    return digest
        .add(Arrays.toString(tokenizer.specialIds()))
        .add(new TreeSet<>(tokenizer.eos()).toString())
        .add(Arrays.toString(tokenizer.encode(PROBE, true, false)))
        .hex();
  }
}
