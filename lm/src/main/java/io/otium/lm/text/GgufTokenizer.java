package io.otium.lm.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds the tokenizer that a GGUF file's metadata describes. */
final class GgufTokenizer {
  private static final String PREFIX = "tokenizer.ggml.";

  /** Spellings of tokens that end an answer, whether or not the file says so. */
  private static final Set<String> ENDS =
      Set.of(
          "<|im_end|>",
          "<|eot_id|>",
          "<|eom_id|>",
          "<|end|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<｜end▁of▁sentence｜>",
          "<|END_OF_TURN_TOKEN|>",
          "<EOT>",
          "_<EOT>",
          "<turn|>",
          "<|return|>");

  private final Map<String, Object> metadata;

  GgufTokenizer(Map<String, Object> metadata) {
    this.metadata = metadata;
  }

  Tokenizer build() {
    String model = text("model", "");
    return switch (model) {
      case "gpt2" -> bytePair();
      case "llama" -> sentencePiece();
      case "bert" -> wordPiece();
      case "t5" -> unigram();
      case "" ->
          throw new IllegalArgumentException(
              "the model file has no tokenizer (tokenizer.ggml.model is missing)");
      default ->
          throw new IllegalArgumentException(
              "the model file's tokenizer is of the kind '"
                  + model
                  + "' (tokenizer.ggml.model); supported are gpt2, llama, bert and t5");
    };
  }

  private Tokenizer bytePair() {
    Vocabulary vocabulary = vocabulary(Vocabulary.Spelling.BYTE_LEVEL);
    String pre = text("pre", "");
    var ids = HashMap.<String, Integer>newHashMap(vocabulary.size());
    for (int id = 0; id < vocabulary.size(); id++) {
      ids.putIfAbsent(vocabulary.tokens()[id], id);
    }
    List<String> merges = strings("merges");
    var encoder =
        new ByteLevelEncoder(
            PreTokenizer.named(pre), ids, Merges.of(merges, ids), ignoresMerges(pre));
    return new VocabularyTokenizer(
        vocabulary,
        encoder,
        id("bos_token_id", vocabulary),
        ends(vocabulary),
        around("add_bos_token", "bos_token_id", addsBos(pre), vocabulary),
        around("add_eos_token", "eos_token_id", false, vocabulary),
        false);
  }

  /** Whether llama.cpp takes words that are tokens as they are with this pre-tokenizer. */
  static boolean ignoresMerges(String pre) {
    return Set.of("llama-bpe", "llama3", "llama-v3", "tekken", "pixtral").contains(pre);
  }

  /** Whether a text begins with the begin-of-sequence token where the file does not say it. */
  static boolean addsBos(String pre) {
    return Set.of("llama-bpe", "tekken").contains(pre);
  }

  private Tokenizer sentencePiece() {
    Vocabulary vocabulary = vocabulary(Vocabulary.Spelling.SENTENCE_PIECE);
    float[] scores = floats("scores", vocabulary.size());
    boolean prefix = flag("add_space_prefix", true);
    int unknown = id("unknown_token_id", vocabulary);
    return new VocabularyTokenizer(
        vocabulary,
        new SentencePieceEncoder(vocabulary, scores, prefix, unknown),
        id("bos_token_id", vocabulary),
        ends(vocabulary),
        around("add_bos_token", "bos_token_id", true, vocabulary),
        around("add_eos_token", "eos_token_id", false, vocabulary),
        prefix);
  }

  /**
   * BERT's. llama.cpp writes {@code ▁word} and {@code rest} for {@code word} and {@code ##rest}.
   */
  private Tokenizer wordPiece() {
    Vocabulary vocabulary = vocabulary(Vocabulary.Spelling.SENTENCE_PIECE);
    ObjectNode json = TokenizerJson.MAPPER.createObjectNode();
    json.put("version", "1.0");
    boolean lower = flag("do_lower_case", true);
    json.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", true)
        .putNull("strip_accents")
        .put("lowercase", lower);
    json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model = json.putObject("model").put("type", "WordPiece");
    int unknown = Math.max(0, id("unknown_token_id", vocabulary));
    model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
    model.put("unk_token", vocabulary.tokens()[unknown]);
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      ids.put(wordPiece(vocabulary, id), id);
    }
    int start = first(vocabulary, "cls_token_id", "bos_token_id");
    int end = first(vocabulary, "seperator_token_id", "eos_token_id");
    addedAndAround(json, vocabulary, start, end);
    return HuggingFaceTokenizer.of(json, start, end < 0 ? Set.of() : Set.of(end));
  }

  private static String wordPiece(Vocabulary vocabulary, int id) {
    String token = vocabulary.tokens()[id];
    boolean plain = vocabulary.kinds()[id] == Vocabulary.NORMAL && !token.startsWith("[unused");
    return !plain ? token : token.startsWith("\u2581") ? token.substring(1) : "##" + token;
  }

  private Tokenizer unigram() {
    Vocabulary vocabulary = vocabulary(Vocabulary.Spelling.SENTENCE_PIECE);
    float[] scores = floats("scores", vocabulary.size());
    ObjectNode json = TokenizerJson.MAPPER.createObjectNode();
    json.put("version", "1.0");
    byte[] charsMap = bytes("precompiled_charsmap");
    if (charsMap.length > 0) {
      json.putObject("normalizer").put("type", "Precompiled").put("precompiled_charsmap", charsMap);
    }
    for (String part : List.of("pre_tokenizer", "decoder")) {
      json.putObject(part)
          .put("type", "Metaspace")
          .put("replacement", "\u2581")
          .put("prepend_scheme", flag("add_space_prefix", true) ? "always" : "never")
          .put("split", true);
    }
    ObjectNode model = json.putObject("model").put("type", "Unigram");
    model
        .put("unk_id", Math.max(0, id("unknown_token_id", vocabulary)))
        .put("byte_fallback", false);
    ArrayNode pieces = model.putArray("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      pieces.addArray().add(vocabulary.tokens()[id]).add((double) scores[id]);
    }
    boolean adds = flag("add_eos_token", true);
    addedAndAround(json, vocabulary, -1, adds ? id("eos_token_id", vocabulary) : -1);
    return HuggingFaceTokenizer.of(json, id("bos_token_id", vocabulary), ends(vocabulary));
  }

  private int first(Vocabulary vocabulary, String... keys) {
    for (String key : keys) {
      int id = id(key, vocabulary);
      if (id >= 0) {
        return id;
      }
    }
    return -1;
  }

  /** Special tokens as added tokens, and those put before and after a text. */
  static void addedAndAround(ObjectNode json, Vocabulary vocabulary, int start, int end) {
    ArrayNode added = json.putArray("added_tokens");
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.special(id) || vocabulary.kinds()[id] == Vocabulary.USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", vocabulary.tokens()[id])
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", vocabulary.special(id));
      }
    }
    ObjectNode post = json.putObject("post_processor").put("type", "TemplateProcessing");
    ObjectNode special = post.putObject("special_tokens");
    ArrayNode single = post.putArray("single");
    ArrayNode pair = post.putArray("pair");
    for (ArrayNode template : List.of(single, pair)) {
      if (start >= 0) {
        template.add(part(vocabulary, start));
      }
      template.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
      if (template == pair) {
        template.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
      }
      if (end >= 0) {
        template.add(part(vocabulary, end));
      }
    }
    for (int id : new int[] {start, end}) {
      if (id >= 0) {
        String token = vocabulary.tokens()[id];
        ObjectNode entry = special.putObject(token).put("id", token);
        entry.putArray("ids").add(id);
        entry.putArray("tokens").add(token);
      }
    }
  }

  private static ObjectNode part(Vocabulary vocabulary, int id) {
    ObjectNode out = TokenizerJson.MAPPER.createObjectNode();
    out.putObject("SpecialToken").put("id", vocabulary.tokens()[id]).put("type_id", 0);
    return out;
  }

  private byte[] bytes(String key) {
    if (metadata.get(PREFIX + key) instanceof byte[] array) {
      return array;
    }
    List<Number> numbers = numbers(key);
    var out = new byte[numbers.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = numbers.get(i).byteValue();
    }
    return out;
  }

  Vocabulary vocabulary(Vocabulary.Spelling spelling) {
    List<String> list = strings("tokens");
    if (list.isEmpty()) {
      throw new IllegalArgumentException(
          "the model file has no vocabulary (tokenizer.ggml.tokens is missing or empty)");
    }
    var kinds = new byte[list.size()];
    java.util.Arrays.fill(kinds, Vocabulary.NORMAL);
    List<Integer> types = integers("token_type");
    if (!types.isEmpty()) {
      sameSize("token_type", types.size(), list.size());
      for (int i = 0; i < kinds.length; i++) {
        int type = types.get(i);
        if (type < Vocabulary.NORMAL || type > Vocabulary.BYTE) {
          throw new IllegalArgumentException(
              "tokenizer.ggml.token_type has the type "
                  + type
                  + " for token "
                  + i
                  + "; types are 1 to 6");
        }
        kinds[i] = (byte) type;
      }
    }
    return new Vocabulary(list.toArray(String[]::new), kinds, spelling);
  }

  private static void sameSize(String key, int size, int tokens) {
    if (size != tokens) {
      throw new IllegalArgumentException(
          PREFIX + key + " has " + size + " entries for " + tokens + " tokens");
    }
  }

  private Set<Integer> ends(Vocabulary vocabulary) {
    var out = new LinkedHashSet<Integer>();
    for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
      int id = id(key, vocabulary);
      if (id >= 0) {
        out.add(id);
      }
    }
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.kinds()[id] != Vocabulary.NORMAL && ENDS.contains(vocabulary.tokens()[id])) {
        out.add(id);
      }
    }
    return out;
  }

  int[] around(String flag, String key, boolean otherwise, Vocabulary vocabulary) {
    int id = id(key, vocabulary);
    return flag(flag, otherwise) && id >= 0 ? new int[] {id} : new int[0];
  }

  /** The token id under a key, or -1. */
  int id(String key, Vocabulary vocabulary) {
    Object value = metadata.get(PREFIX + key);
    if (value == null) {
      return -1;
    }
    long id = value instanceof Number n ? n.longValue() : -1;
    // Files write 2^32-1 for "none".
    if (id == 0xffffffffL || id == -1) {
      return -1;
    }
    if (id < 0 || id >= vocabulary.size()) {
      throw new IllegalArgumentException(
          PREFIX
              + key
              + " is "
              + value
              + ", outside the vocabulary of "
              + vocabulary.size()
              + " tokens");
    }
    return (int) id;
  }

  String text(String key, String otherwise) {
    return metadata.get(PREFIX + key) instanceof String s ? s : otherwise;
  }

  boolean flag(String key, boolean otherwise) {
    return metadata.get(PREFIX + key) instanceof Boolean b ? b : otherwise;
  }

  List<String> strings(String key) {
    return switch (metadata.get(PREFIX + key)) {
      case null -> List.of();
      case String[] array -> List.of(array);
      case List<?> list -> {
        var out = new ArrayList<String>(list.size());
        for (Object item : list) {
          if (!(item instanceof String s)) {
            throw wrong(key, "texts");
          }
          out.add(s);
        }
        yield out;
      }
      default -> throw wrong(key, "texts");
    };
  }

  private List<Integer> integers(String key) {
    var out = new ArrayList<Integer>();
    for (Number n : numbers(key)) {
      out.add(n.intValue());
    }
    return out;
  }

  float[] floats(String key, int size) {
    List<Number> numbers = numbers(key);
    sameSize(key, numbers.size(), size);
    var out = new float[size];
    for (int i = 0; i < size; i++) {
      out[i] = numbers.get(i).floatValue();
    }
    return out;
  }

  private List<Number> numbers(String key) {
    @Nullable Object value = metadata.get(PREFIX + key);
    var out = new ArrayList<Number>();
    switch (value) {
      case null -> {}
      case int[] array -> java.util.Arrays.stream(array).forEach(out::add);
      case float[] array -> {
        for (float f : array) {
          out.add(f);
        }
      }
      case List<?> list -> {
        for (Object item : list) {
          if (!(item instanceof Number n)) {
            throw wrong(key, "numbers");
          }
          out.add(n);
        }
      }
      case Number[] array -> out.addAll(List.of(array));
      default -> throw wrong(key, "numbers");
    }
    return out;
  }

  private static IllegalArgumentException wrong(String key, String due) {
    return new IllegalArgumentException(PREFIX + key + " is not a list of " + due);
  }
}
