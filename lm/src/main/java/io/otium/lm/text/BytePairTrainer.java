package io.otium.lm.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Learns a byte-level byte-pair encoding from text (Sennrich et al., 2016; on bytes: Radford et
 * al., 2019): the most frequent pair of neighbours becomes a token, again and again. Digits are
 * words of their own, so that numbers are read digit by digit. The same text gives the same
 * tokenizer: of pairs that are as frequent, the one with the smaller ids is merged.
 */
public final class BytePairTrainer {
  private static final List<String> PATTERNS = List.of("\\p{N}", PreTokenizer.gpt2());

  /** A word as the ids that it consists of so far. */
  private static final class Word {
    private int[] ids;
    private final long count;

    Word(int[] ids, long count) {
      this.ids = ids;
      this.count = count;
    }
  }

  private final List<String> tokens = new ArrayList<>();
  private final List<int[]> merges = new ArrayList<>();
  private final List<Word> words = new ArrayList<>();
  private final Map<Long, Long> pairs = new HashMap<>();
  private final Map<Long, Set<Integer>> wordsOfPair = new HashMap<>();

  private BytePairTrainer() {}

  /**
   * @param texts gives out the texts to learn from
   * @param vocabularySize tokens in all: special ones, 256 bytes, and as many merges as fit; fewer
   *     if no pair occurs twice any more
   * @param specialTokens get the ids from 0 on
   * @return what Hugging Face's {@code tokenizer.json} holds
   * @throws IllegalArgumentException if the vocabulary has no room for the bytes
   */
  public static ObjectNode train(
      Consumer<Consumer<String>> texts, int vocabularySize, List<String> specialTokens) {
    if (vocabularySize < specialTokens.size() + 256) {
      throw new IllegalArgumentException(
          "a vocabulary of %d tokens has no room for %d special tokens and 256 bytes"
              .formatted(vocabularySize, specialTokens.size()));
    }
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.tokens.addAll(specialTokens);
    int[] byteIds = new int[256];
    for (int b = 0; b < 256; b++) {
      byteIds[b] = trainer.tokens.size();
      trainer.tokens.add(String.valueOf(ByteLevel.character(b)));
    }
    trainer.count(texts, byteIds);
    while (trainer.tokens.size() < vocabularySize && trainer.mergeMostFrequent()) {}
    return trainer.json(specialTokens);
  }

  private void count(Consumer<Consumer<String>> texts, int[] byteIds) {
    PreTokenizer preTokenizer = PreTokenizer.of(PATTERNS);
    Map<String, Long> counts = new TreeMap<>();
    texts.accept(text -> preTokenizer.words(text, word -> counts.merge(word, 1L, Long::sum)));
    counts.forEach(
        (word, count) -> {
          byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
          int[] ids = new int[bytes.length];
          for (int i = 0; i < ids.length; i++) {
            ids[i] = byteIds[bytes[i] & 0xff];
          }
          words.add(new Word(ids, count));
          addPairs(words.size() - 1, 1);
        });
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /**
   * @param sign 1 to count a word's pairs in, -1 to count them out
   */
  private void addPairs(int number, int sign) {
    Word word = words.get(number);
    for (int i = 0; i + 1 < word.ids.length; i++) {
      long pair = pair(word.ids[i], word.ids[i + 1]);
      pairs.merge(pair, sign * word.count, Long::sum);
      if (sign > 0) {
        wordsOfPair.computeIfAbsent(pair, p -> new HashSet<>()).add(number);
      }
    }
  }

  private boolean mergeMostFrequent() {
    long best = -1;
    long most = 1;
    for (Map.Entry<Long, Long> entry : pairs.entrySet()) {
      long count = entry.getValue();
      if (count > most || (count == most && best >= 0 && entry.getKey() < best)) {
        most = count;
        best = entry.getKey();
      }
    }
    if (best < 0) {
      return false;
    }
    int left = (int) (best >>> 32);
    int right = (int) best;
    int merged = tokens.size();
    tokens.add(tokens.get(left) + tokens.get(right));
    merges.add(new int[] {left, right});
    // A word may have lost the pair meanwhile: then this changes nothing in it.
    for (int number : wordsOfPair.getOrDefault(best, Set.of())) {
      addPairs(number, -1);
      Word word = words.get(number);
      word.ids = merge(word.ids, left, right, merged);
      addPairs(number, 1);
    }
    pairs.remove(best);
    wordsOfPair.remove(best);
    return true;
  }

  private static int[] merge(int[] ids, int left, int right, int merged) {
    int[] out = new int[ids.length];
    int n = 0;
    for (int i = 0; i < ids.length; i++) {
      boolean pair = i + 1 < ids.length && ids[i] == left && ids[i + 1] == right;
      out[n++] = pair ? merged : ids[i];
      i += pair ? 1 : 0;
    }
    return Arrays.copyOf(out, n);
  }

  private ObjectNode json(List<String> specialTokens) {
    ObjectNode json = TokenizerJson.MAPPER.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (int id = 0; id < specialTokens.size(); id++) {
      added
          .addObject()
          .put("id", id)
          .put("content", specialTokens.get(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    json.putNull("normalizer");
    ArrayNode parts =
        json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    parts.addObject().put("type", "Digits").put("individual_digits", true);
    byteLevel(parts.addObject());
    json.putNull("post_processor");
    byteLevel(json.putObject("decoder"));
    ObjectNode model = json.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    ArrayNode list = model.putArray("merges");
    for (int[] merge : merges) {
      list.addArray().add(tokens.get(merge[0])).add(tokens.get(merge[1]));
    }
    return json;
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }
}
