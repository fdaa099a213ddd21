package io.otium.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.GgufType;
import io.otium.lm.format.GgufValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json} as llama.cpp's metadata: what {@link GgufTokenizer} reads. Byte-level
 * byte-pair encodings whose pre-tokenizer llama.cpp knows by a name, and SentencePiece's.
 */
final class GgufVocabulary {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final String SPACE = "\u2581";

  private final ObjectNode json;
  private final Map<String, Object> special;
  private final Set<Integer> ends;
  private final int rows;
  private final Map<String, GgufValue> values = new LinkedHashMap<>();

  /**
   * @param special spellings by name, e.g. {@code eos_token}
   * @param ends ids that end an answer
   * @param rows of the token embedding: those without a token get one that is unused
   */
  GgufVocabulary(ObjectNode json, Map<String, Object> special, Set<Integer> ends, int rows) {
    this.json = json;
    this.special = special;
    this.ends = ends;
    this.rows = rows;
  }

  /**
   * @throws IllegalArgumentException for a tokenizer that llama.cpp has no form or name for
   */
  Map<String, GgufValue> values() {
    if (json.path("model").path("byte_fallback").asBoolean()) {
      sentencePiece();
    } else {
      byteLevel();
    }
    around();
    return values;
  }

  private void byteLevel() {
    if (TokenizerJson.inJava(json, -1, Set.of()) == null) {
      throw new IllegalArgumentException(
          "the model's tokenizer (tokenizer.json) is no plain byte-level or SentencePiece byte-pair"
              + " encoding, and GGUF has no form for it here");
    }
    List<String> patterns = TokenizerJson.patterns(json.path("pre_tokenizer"));
    boolean ignoresMerges = json.path("model").path("ignore_merges").asBoolean();
    String pre = patterns == null ? null : PreTokenizer.name(patterns, ignoresMerges);
    if (pre == null) {
      throw new IllegalArgumentException(
          "llama.cpp has no name for the model's pre-tokenizer (pre_tokenizer in tokenizer.json),"
              + " so the model cannot be written as GGUF");
    }
    put("model", GgufValue.string("gpt2"));
    put("pre", GgufValue.string(pre));
    tokens(false);
    List<String> merges = new ArrayList<>();
    for (String[] pair : TokenizerJson.merges(json.path("model").path("merges"))) {
      merges.add(pair[0] + " " + pair[1]);
    }
    put("merges", GgufValue.strings(merges));
  }

  private void sentencePiece() {
    JsonNode unknown = json.path("model").path("unk_token");
    put("model", GgufValue.string("llama"));
    put("pre", GgufValue.string("default"));
    String[] tokens = tokens(true);
    List<String[]> merges = TokenizerJson.merges(json.path("model").path("merges"));
    Map<String, Float> scores = new LinkedHashMap<>();
    for (int rank = 0; rank < merges.size(); rank++) {
      scores.putIfAbsent(merges.get(rank)[0] + merges.get(rank)[1], (float) -rank);
    }
    float[] all = new float[tokens.length];
    for (int id = 0; id < all.length; id++) {
      all[id] = scores.getOrDefault(tokens[id], (float) -merges.size());
    }
    put("scores", GgufValue.array(GgufType.FLOAT32, all));
    String text = json.path("normalizer").toString() + json.path("pre_tokenizer");
    boolean prefix =
        text.contains("\"Prepend\"")
            || text.contains("\"Metaspace\"") && !text.contains("\"prepend_scheme\":\"never\"");
    put("add_space_prefix", GgufValue.bool(prefix));
    if (unknown.isTextual()) {
      Integer id = TokenizerJson.ids(json).get(unknown.asText());
      if (id != null) put("unknown_token_id", GgufValue.uint32(id));
    }
  }

  /** Puts spellings and kinds. */
  private String[] tokens(boolean sentencePiece) {
    @Nullable String[] known = TokenizerJson.tokens(json);
    if (known.length > rows) {
      throw new IllegalArgumentException(
          "the tokenizer has %d tokens, the embedding only %d rows".formatted(known.length, rows));
    }
    String[] tokens = new String[rows];
    int[] kinds = new int[rows];
    for (int id = 0; id < rows; id++) {
      String token = id < known.length ? known[id] : null;
      kinds[id] = token == null ? Vocabulary.UNUSED : Vocabulary.NORMAL;
      tokens[id] = token == null ? "[PAD" + id + "]" : token;
      if (sentencePiece && Vocabulary.byteToken(tokens[id]) != null) kinds[id] = Vocabulary.BYTE;
    }
    for (JsonNode added : json.path("added_tokens")) {
      int id = added.path("id").asInt();
      boolean unknown =
          sentencePiece && tokens[id].equals(json.path("model").path("unk_token").asText());
      kinds[id] =
          unknown
              ? Vocabulary.UNKNOWN
              : added.path("special").asBoolean() ? Vocabulary.CONTROL : Vocabulary.USER_DEFINED;
      if (sentencePiece && kinds[id] == Vocabulary.USER_DEFINED) {
        tokens[id] = tokens[id].replace(" ", SPACE);
      }
    }
    put("tokens", GgufValue.strings(List.of(tokens)));
    put("token_type", GgufValue.array(GgufType.INT32, kinds));
    return tokens;
  }

  /** Begin and end tokens, and whether they are put around a text, which GGUF has flags for. */
  private void around() {
    var before = new IntArray();
    var after = new IntArray();
    int size = TokenizerJson.tokens(json).length;
    boolean plain = TokenizerJson.around(json.path("post_processor"), before, after, size);
    int[] starts = before.toArray();
    int[] stops = after.toArray();
    int bos = id("bos_token");
    if (bos < 0 && starts.length == 1) bos = starts[0];
    int eos = id("eos_token");
    if (eos < 0 && stops.length == 1) eos = stops[0];
    if (eos < 0 && !ends.isEmpty()) eos = ends.iterator().next();
    if (!plain || !isNoneOr(bos, starts) || !isNoneOr(eos, stops)) {
      throw new IllegalArgumentException(
          "the tokenizer puts more around a text than its begin and end tokens, which GGUF cannot"
              + " say");
    }
    putId("bos_token_id", bos);
    putId("eos_token_id", eos);
    int usual = eos;
    ends.stream().filter(id -> id != usual).findFirst().ifPresent(id -> putId("eot_token_id", id));
    put("add_bos_token", GgufValue.bool(starts.length == 1));
    put("add_eos_token", GgufValue.bool(stops.length == 1));
    putId("padding_token_id", id("pad_token"));
    if (!values.containsKey(PREFIX + "unknown_token_id")) {
      putId("unknown_token_id", id("unk_token"));
    }
  }

  private static boolean isNoneOr(int allowed, int[] ids) {
    return ids.length == 0 || Arrays.equals(ids, new int[] {allowed});
  }

  private void putId(String key, int id) {
    if (id >= 0) put(key, GgufValue.uint32(id));
  }

  private int id(String name) {
    return special.get(name) instanceof String token
        ? TokenizerJson.ids(json).getOrDefault(token, -1)
        : -1;
  }

  private void put(String key, GgufValue value) {
    values.put(PREFIX + key, value);
  }
}
