package io.otium.lm.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text of tokens as they come. A character whose bytes are spread over tokens is held back until it
 * is whole; all pieces together are what {@link Tokenizer#decode} gives for all ids, special tokens
 * skipped. One object a sequence; not for several threads.
 */
public final class StreamDecoder {
  private final Tokenizer tokenizer;
  private final boolean skipSpecial;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);

  /** Bytes of a character not yet whole: at most 3. */
  private ByteBuffer pending = ByteBuffer.allocate(0);

  private boolean dropSpace;

  /** For a text of its own: a SentencePiece model's first space is dropped. */
  public StreamDecoder(Tokenizer tokenizer) {
    this(tokenizer, true, tokenizer.dropsFirstSpace());
  }

  private StreamDecoder(Tokenizer tokenizer, boolean skipSpecial, boolean dropSpace) {
    this.tokenizer = tokenizer;
    this.skipSpecial = skipSpecial;
    this.dropSpace = dropSpace;
  }

  /** For what continues a text: a first space is the text's own and stays. */
  public static StreamDecoder continuing(Tokenizer tokenizer) {
    return new StreamDecoder(tokenizer, true, false);
  }

  /** The text that is complete now that this token came; often the token's own, maybe none. */
  public String add(int id) {
    boolean special = tokenizer.isSpecial(id);
    if (skipSpecial && special) {
      return "";
    }
    byte[] bytes = tokenizer.bytes(id);
    int from = dropSpace && bytes.length > 0 && bytes[0] == ' ' ? 1 : 0;
    dropSpace &= special;
    ByteBuffer in = ByteBuffer.allocate(pending.remaining() + bytes.length - from);
    in.put(pending).put(bytes, from, bytes.length - from).flip();
    return decode(in, false);
  }

  /** The rest: U+FFFD if a character is incomplete, else nothing. The decoder can start anew. */
  public String flush() {
    String rest = decode(pending, true);
    pending = ByteBuffer.allocate(0);
    utf8.reset();
    return rest;
  }

  private String decode(ByteBuffer in, boolean end) {
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    // A fresh decoder state each time: what is incomplete stays in the buffer, not in the decoder.
    utf8.reset();
    utf8.decode(in, out, end);
    if (end) {
      utf8.flush(out);
    }
    pending = in;
    return out.flip().toString();
  }
}
