package io.otium.app.server;

import io.otium.lm.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** One token a byte, and three special ones. */
final class ByteTokenizer implements Tokenizer {
  static final int BOS = 256;
  static final int TURN = 257;
  static final int END = 258;

  @Override
  public int vocabularySize() {
    return 259;
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length + (addSpecial ? 1 : 0)];
    int at = 0;
    if (addSpecial) ids[at++] = BOS;
    for (byte b : bytes) ids[at++] = b & 0xFF;
    return ids;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      if (!isSpecial(id) || !skipSpecial) bytes.writeBytes(bytes(id));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String token(int id) {
    return switch (id) {
      case BOS -> "<s>";
      case TURN -> "<|turn|>";
      case END -> "<|end|>";
      default -> new String(bytes(id), StandardCharsets.ISO_8859_1);
    };
  }

  @Override
  public byte[] bytes(int id) {
    if (isSpecial(id)) return token(id).getBytes(StandardCharsets.UTF_8);
    return new byte[] {(byte) id};
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= BOS;
  }

  @Override
  public int bos() {
    return BOS;
  }

  @Override
  public Set<Integer> eos() {
    return Set.of(END);
  }

  @Override
  public void close() {}
}
