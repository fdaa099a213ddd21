package io.otium.lm.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file's tokenizer as {@code tokenizer.json}, which gives the same ids: byte-level byte-pair
 * encodings, and SentencePiece's, whose scores become an order of merges.
 */
final class GgufTokenizerJson {
  private static final String SPACE = "\u2581";

  private final GgufTokenizer gguf;

  GgufTokenizerJson(Map<String, Object> metadata) {
    this.gguf = new GgufTokenizer(metadata);
  }

  /**
   * @throws IllegalArgumentException if the file's tokenizer is of another kind
   */
  ObjectNode json() {
    String kind = gguf.text("model", "");
    return switch (kind) {
      case "gpt2" -> byteLevel();
      case "llama" -> sentencePiece();
      default ->
          throw new IllegalArgumentException(
              "the model's tokenizer is of the kind '%s'; only gpt2's and llama's can be written as tokenizer.json"
                  .formatted(kind));
    };
  }

  private ObjectNode byteLevel() {
    Vocabulary vocabulary = gguf.vocabulary(Vocabulary.Spelling.BYTE_LEVEL);
    String pre = gguf.text("pre", "");
    ObjectNode json = TokenizerJson.MAPPER.createObjectNode().put("version", "1.0");
    json.putNull("normalizer");
    preTokenizer(json.putObject("pre_tokenizer"), PreTokenizer.patterns(pre));
    byteLevel(json.putObject("decoder"), true).put("add_prefix_space", true);
    ObjectNode model = model(json, vocabulary);
    model.putNull("unk_token").put("fuse_unk", false).put("byte_fallback", false);
    model.put("ignore_merges", GgufTokenizer.ignoresMerges(pre));
    gguf.strings("merges").forEach(model.putArray("merges")::add);
    around(json, vocabulary, GgufTokenizer.addsBos(pre));
    return json;
  }

  /** Splits by each pattern in turn, then spells bytes as characters. */
  private static void preTokenizer(ObjectNode json, List<String> patterns) {
    ArrayNode parts = json.put("type", "Sequence").putArray("pretokenizers");
    boolean last = patterns.getLast().equals(PreTokenizer.gpt2());
    for (String pattern : last ? patterns.subList(0, patterns.size() - 1) : patterns) {
      ObjectNode split = parts.addObject();
      if (pattern.equals("\\p{N}")) {
        split.put("type", "Digits").put("individual_digits", true);
      } else {
        split.put("type", "Split").putObject("pattern").put("Regex", pattern);
        split.put("behavior", "Isolated").put("invert", false);
      }
    }
    byteLevel(parts.addObject(), last);
  }

  private static ObjectNode byteLevel(ObjectNode json, boolean ownPattern) {
    return json.put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", ownPattern);
  }

  private ObjectNode sentencePiece() {
    Vocabulary vocabulary = gguf.vocabulary(Vocabulary.Spelling.SENTENCE_PIECE);
    boolean prefix = gguf.flag("add_space_prefix", true);
    ObjectNode json = TokenizerJson.MAPPER.createObjectNode().put("version", "1.0");
    ArrayNode normalizers =
        json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    if (prefix) normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
    replace(normalizers.addObject(), " ", SPACE);
    json.putNull("pre_tokenizer");
    ArrayNode decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
    replace(decoders.addObject(), SPACE, " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    if (prefix) {
      decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    ObjectNode model = model(json, vocabulary);
    int unknown = gguf.id("unknown_token_id", vocabulary);
    if (unknown >= 0) model.put("unk_token", vocabulary.tokens()[unknown]);
    model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
    ArrayNode merges = model.putArray("merges");
    for (Merge merge : merges(vocabulary, gguf.floats("scores", vocabulary.size()))) {
      // as a pair: a piece may hold the space that stands between two in the older form
      merges.addArray().add(merge.left()).add(merge.right());
    }
    around(json, vocabulary, true);
    return json;
  }

  private static void replace(ObjectNode json, String what, String by) {
    json.put("type", "Replace").put("content", by).putObject("pattern").put("String", what);
  }

  /** Two pieces that become one; the better the score, the earlier. */
  private record Merge(String left, String right, float score, int leftId, int rightId) {}

  /** Every way to put a piece together from two others, the best pieces first. */
  private static List<Merge> merges(Vocabulary vocabulary, float[] scores) {
    Map<String, Integer> ids = new HashMap<>(vocabulary.textIds());
    List<Merge> merges = new ArrayList<>();
    ids.forEach(
        (piece, id) -> {
          for (int at = 1; at < piece.length(); at++) {
            Integer left = ids.get(piece.substring(0, at));
            Integer right = ids.get(piece.substring(at));
            if (left != null && right != null) {
              merges.add(
                  new Merge(piece.substring(0, at), piece.substring(at), scores[id], left, right));
            }
          }
        });
    merges.sort(
        Comparator.comparingDouble((Merge merge) -> -merge.score())
            .thenComparingInt(Merge::leftId)
            .thenComparingInt(Merge::rightId));
    return merges;
  }

  private static ObjectNode model(ObjectNode json, Vocabulary vocabulary) {
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      // rows of the embedding that no token has
      if (vocabulary.kinds()[id] == Vocabulary.UNUSED) continue;
      String token = vocabulary.tokens()[id];
      if (!ids.has(token)) ids.put(token, id);
    }
    return model;
  }

  private void around(ObjectNode json, Vocabulary vocabulary, boolean bosByDefault) {
    int[] before = gguf.around("add_bos_token", "bos_token_id", bosByDefault, vocabulary);
    int[] after = gguf.around("add_eos_token", "eos_token_id", false, vocabulary);
    GgufTokenizer.addedAndAround(
        json, vocabulary, before.length == 0 ? -1 : before[0], after.length == 0 ? -1 : after[0]);
  }
}
