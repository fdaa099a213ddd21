package io.otium.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code tokenizer.json}: byte-level byte-pair encodings, which most language models have,
 * into Java; every other kind into {@link HuggingFaceTokenizer}.
 */
final class TokenizerJson {
  static final ObjectMapper MAPPER = new ObjectMapper();

  /** More tokens than any model has. */
  private static final int MAX_TOKENS = 1 << 22;

  private TokenizerJson() {}

  /**
   * @throws IllegalArgumentException if the JSON does not describe a tokenizer
   */
  static Tokenizer read(ObjectNode json, int bos, Set<Integer> eos) {
    int size = tokens(json).length;
    for (int id : eos) {
      if (id < 0 || id >= size) {
        throw new IllegalArgumentException(
            "the end token " + id + " is outside the vocabulary of " + size + " tokens");
      }
    }
    Tokenizer inJava = inJava(json, bos, eos);
    return inJava != null ? inJava : HuggingFaceTokenizer.of(json, bos, eos);
  }

  /** Spellings by id; null where an id has no token. */
  static @Nullable String[] tokens(ObjectNode json) {
    var ids = ids(json);
    int size = 0;
    for (int id : ids.values()) {
      if (id < 0 || id >= MAX_TOKENS) {
        throw new IllegalArgumentException("the tokenizer has a token with the id " + id);
      }
      size = Math.max(size, id + 1);
    }
    if (size == 0) {
      throw new IllegalArgumentException("the tokenizer has no vocabulary");
    }
    var out = new @Nullable String[size];
    ids.forEach((token, id) -> out[id] = token);
    return out;
  }

  static Map<String, Integer> ids(ObjectNode json) {
    var out = new HashMap<String, Integer>();
    JsonNode vocabulary = json.path("model").path("vocab");
    if (vocabulary.isArray()) {
      for (int i = 0; i < vocabulary.size(); i++) {
        out.putIfAbsent(vocabulary.path(i).path(0).asText(), i);
      }
    } else {
      vocabulary.properties().forEach(e -> out.put(e.getKey(), id(e.getKey(), e.getValue())));
    }
    for (JsonNode token : json.path("added_tokens")) {
      out.put(token.path("content").asText(), id(token.path("content").asText(), token.path("id")));
    }
    return out;
  }

  private static int id(String token, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt()) {
      throw new IllegalArgumentException(
          "the tokenizer's token '" + token + "' has the id " + id + ", not a whole number");
    }
    return id.asInt();
  }

  /** The tokenizer in Java, or null if something in it is not plain byte-level. */
  static @Nullable Tokenizer inJava(ObjectNode json, int bos, Set<Integer> eos) {
    @Nullable String[] tokens = tokens(json);
    JsonNode model = json.path("model");
    List<String> patterns = patterns(json.path("pre_tokenizer"));
    String normalizer = json.path("normalizer").path("type").asText("none");
    boolean plain =
        (model.path("type").asText().equals("BPE")
                || (model.path("type").isMissingNode() && model.has("merges")))
            && absent(model.path("dropout"))
            && model.path("continuing_subword_prefix").asText("").isEmpty()
            && model.path("end_of_word_suffix").asText("").isEmpty()
            && !model.path("byte_fallback").asBoolean()
            && absent(model.path("unk_token"))
            && json.path("decoder").path("type").asText().equals("ByteLevel")
            && (normalizer.equals("none") || normalizer.equals("NFC"))
            && !Arrays.asList(tokens).contains(null);
    if (!plain || patterns == null) {
      return null;
    }
    var kinds = new byte[tokens.length];
    Arrays.fill(kinds, Vocabulary.NORMAL);
    for (JsonNode token : json.path("added_tokens")) {
      if (token.path("lstrip").asBoolean()
          || token.path("rstrip").asBoolean()
          || token.path("single_word").asBoolean()
          || (token.path("normalized").asBoolean() && normalizer.equals("NFC"))) {
        return null;
      }
      kinds[token.path("id").asInt()] =
          token.path("special").asBoolean() ? Vocabulary.CONTROL : Vocabulary.USER_DEFINED;
    }
    var before = new IntArray();
    var after = new IntArray();
    if (!around(json.path("post_processor"), before, after, tokens.length)) {
      return null;
    }
    Map<String, Integer> ids = HashMap.newHashMap(tokens.length);
    model.path("vocab").properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    PreTokenizer preTokenizer;
    try {
      preTokenizer = PreTokenizer.of(patterns);
    } catch (PatternSyntaxException e) {
      return null;
    }
    TextEncoder encoder =
        new ByteLevelEncoder(
            preTokenizer,
            ids,
            Merges.ofPairs(merges(model.path("merges")), ids),
            model.path("ignore_merges").asBoolean());
    TextEncoder normalized =
        normalizer.equals("NFC")
            ? (text, start, out) ->
                encoder.encode(Normalizer.normalize(text, Normalizer.Form.NFC), start, out)
            : encoder;
    var spelled = new String[tokens.length];
    for (int i = 0; i < spelled.length; i++) {
      spelled[i] = String.valueOf(tokens[i]);
    }
    return new VocabularyTokenizer(
        new Vocabulary(spelled, kinds, Vocabulary.Spelling.BYTE_LEVEL),
        normalized,
        bos,
        eos,
        before.toArray(),
        after.toArray(),
        false);
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  static List<String[]> merges(JsonNode merges) {
    var out = new ArrayList<String[]>(merges.size());
    for (JsonNode merge : merges) {
      String[] pair =
          merge.isArray()
              ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
              : merge.asText().split(" ", 2);
      if (pair.length != 2) {
        throw new IllegalArgumentException(
            "the tokenizer's merge " + out.size() + " is " + merge + ", not two tokens");
      }
      out.add(pair);
    }
    return out;
  }

  /** Patterns of a byte-level pre-tokenizer, or null if it does something else. */
  static @Nullable List<String> patterns(JsonNode pre) {
    return switch (pre.path("type").asText()) {
      case "ByteLevel" ->
          pre.path("add_prefix_space").asBoolean(true)
              ? null
              : pre.path("use_regex").asBoolean(true) ? List.of(PreTokenizer.gpt2()) : List.of();
      case "Digits" -> pre.path("individual_digits").asBoolean() ? List.of("\\p{N}") : null;
      case "Split" -> {
        JsonNode regex = pre.path("pattern").path("Regex");
        yield regex.isTextual()
                && pre.path("behavior").asText().equals("Isolated")
                && !pre.path("invert").asBoolean()
            ? List.of(regex.asText())
            : null;
      }
      case "Sequence" -> {
        var out = new ArrayList<String>();
        boolean bytes = false;
        for (JsonNode part : pre.path("pretokenizers")) {
          List<String> patterns = patterns(part);
          // After bytes became characters, a pattern would see those.
          if (patterns == null || bytes) {
            yield null;
          }
          bytes = part.path("type").asText().equals("ByteLevel");
          out.addAll(patterns);
        }
        yield bytes ? out : null;
      }
      default -> null;
    };
  }

  /** Collects what a post-processor puts around a text; false if it does something else. */
  static boolean around(JsonNode post, IntArray before, IntArray after, int size) {
    switch (post.path("type").asText("")) {
      case "", "null", "ByteLevel" -> {
        return true;
      }
      case "Sequence" -> {
        for (JsonNode part : post.path("processors")) {
          if (!around(part, before, after, size)) {
            return false;
          }
        }
        return true;
      }
      case "TemplateProcessing" -> {
        boolean seen = false;
        for (JsonNode part : post.path("single")) {
          if (part.has("Sequence")) {
            seen = true;
            continue;
          }
          String name = part.path("SpecialToken").path("id").asText();
          for (JsonNode id : post.path("special_tokens").path(name).path("ids")) {
            if (id.asInt(-1) < 0 || id.asInt() >= size) {
              throw new IllegalArgumentException(
                  "the tokenizer puts the token " + id + " around texts, which it has not");
            }
            (seen ? after : before).add(id.asInt());
          }
        }
        return seen;
      }
      default -> {
        return false;
      }
    }
  }
}
