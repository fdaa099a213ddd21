package io.otium.lm.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer of any kind that {@code tokenizer.json} can describe, run by Hugging Face's library
 * through DJL. Costs some 250 ms at the first use in a process (native library); the common kinds
 * of language models are therefore read by {@link TokenizerJson} into Java instead.
 */
public final class HuggingFaceTokenizer implements Tokenizer {
  /** How a token's spelling stands for text. */
  private enum Spelling {
    BYTE_LEVEL,
    SENTENCE_PIECE,
    WORD_PIECE,
    PLAIN
  }

  private static final TokenizersLibrary LIBRARY;

  static {
    // DJL would fetch a build for CUDA from the network when it sees a GPU.
    if (System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    LibUtils.checkStatus();
    LIBRARY = TokenizersLibrary.LIB;
  }

  private final ObjectNode json;
  private final @Nullable String[] tokens;
  private final BitSet special = new BitSet();
  private final BitSet added = new BitSet();
  private final Spelling spelling;
  private final int bos;
  private final Set<Integer> eos;
  private final long all;

  /** The same tokenizer without its special tokens, made when first asked for; 0 before. */
  private long plain;

  private boolean closed;

  private HuggingFaceTokenizer(ObjectNode json, int bos, Set<Integer> eos) {
    this.json = json;
    this.bos = bos;
    this.eos = Set.copyOf(eos);
    this.tokens = TokenizerJson.tokens(json);
    for (JsonNode token : json.path("added_tokens")) {
      added.set(token.path("id").asInt());
      special.set(token.path("id").asInt(), token.path("special").asBoolean());
    }
    String decoder = json.path("decoder").toString();
    this.spelling =
        decoder.contains("\"ByteLevel\"")
            ? Spelling.BYTE_LEVEL
            : decoder.contains("\u2581")
                ? Spelling.SENTENCE_PIECE
                : decoder.contains("\"WordPiece\"") ? Spelling.WORD_PIECE : Spelling.PLAIN;
    this.all = create(json);
  }

  /**
   * @param json a whole {@code tokenizer.json}
   * @throws IllegalArgumentException if it is not one, in one sentence
   */
  static HuggingFaceTokenizer of(ObjectNode json, int bos, Set<Integer> eos) {
    return new HuggingFaceTokenizer(json, bos, eos);
  }

  private static long create(ObjectNode json) {
    try {
      // Padding and truncation are the caller's business.
      ObjectNode own = json.deepCopy();
      own.putNull("truncation");
      own.putNull("padding");
      return LIBRARY.createTokenizerFromString(TokenizerJson.MAPPER.writeValueAsString(own));
    } catch (JsonProcessingException | RuntimeException e) {
      throw new IllegalArgumentException("the tokenizer cannot be built: " + e.getMessage(), e);
    }
  }

  /** Special tokens out of the list of added ones, and out of what the vocabulary can spell. */
  private synchronized long plain() {
    if (plain == 0) {
      ObjectNode copy = json.deepCopy();
      ArrayNode kept = copy.putArray("added_tokens");
      json.path("added_tokens").forEach(t -> keep(t, kept));
      if (copy.path("model").path("vocab") instanceof ArrayNode pieces) {
        special.stream()
            .filter(id -> id < pieces.size() && pieces.get(id) instanceof ArrayNode)
            .forEach(id -> ((ArrayNode) pieces.get(id)).set(0, unspellable(id)));
      } else if (copy.path("model").path("vocab") instanceof ObjectNode vocabulary) {
        String unknown = copy.path("model").path("unk_token").asText();
        for (int id = special.nextSetBit(0); id >= 0; id = special.nextSetBit(id + 1)) {
          String token = tokens[id];
          if (token != null && !token.equals(unknown) && vocabulary.remove(token) != null) {
            vocabulary.put(unspellable(id), id);
          }
        }
      }
      plain = create(copy);
    }
    return plain;
  }

  private static void keep(JsonNode token, ArrayNode kept) {
    if (!token.path("special").asBoolean()) {
      kept.add(token);
    }
  }

  private static String unspellable(int id) {
    return "\uffff" + id + "\uffff";
  }

  @Override
  public int vocabularySize() {
    return tokens.length;
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    open();
    long handle = parseSpecial ? all : plain();
    long encoding = LIBRARY.encode(handle, wellFormed(text), addSpecial);
    try {
      return Arrays.stream(LIBRARY.getTokenIds(encoding)).mapToInt(id -> (int) id).toArray();
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  /** Half a surrogate pair cannot be passed on: it is no character. */
  static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    open();
    for (int id : ids) {
      check(id);
    }
    return LIBRARY.decode(all, Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
  }

  private void open() {
    if (closed) {
      throw new IllegalStateException("the tokenizer is closed");
    }
  }

  private String check(int id) {
    String token = id >= 0 && id < tokens.length ? tokens[id] : null;
    if (token == null) {
      throw new IllegalArgumentException(
          "token id " + id + " is outside the vocabulary of " + tokens.length + " tokens");
    }
    return token;
  }

  @Override
  public String token(int id) {
    return check(id);
  }

  @Override
  public byte[] bytes(int id) {
    String token = check(id);
    if (!added.get(id)) {
      switch (spelling) {
        case BYTE_LEVEL -> {
          byte[] bytes = ByteLevel.bytes(token);
          if (bytes != null) {
            return bytes;
          }
        }
        case SENTENCE_PIECE -> {
          Integer b = Vocabulary.byteToken(token);
          if (b != null) {
            return new byte[] {b.byteValue()};
          }
          token = token.replace('\u2581', ' ');
        }
        case WORD_PIECE -> token = token.startsWith("##") ? token.substring(2) : " " + token;
        case PLAIN -> {}
      }
    }
    return token.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean isSpecial(int id) {
    check(id);
    return special.get(id);
  }

  @Override
  public int[] specialIds() {
    return special.stream().filter(id -> tokens[id] != null).toArray();
  }

  @Override
  public boolean dropsFirstSpace() {
    return spelling == Spelling.SENTENCE_PIECE || spelling == Spelling.WORD_PIECE;
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
  public synchronized void close() {
    if (!closed) {
      closed = true;
      LIBRARY.deleteTokenizer(all);
      if (plain != 0) {
        LIBRARY.deleteTokenizer(plain);
      }
    }
  }
}
