package io.otium.lm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Splits text into the words that byte-pair merges stay within. Each pattern in turn splits what
 * the ones before left; what a pattern does not match is a word too.
 */
final class PreTokenizer {
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String LLAMA3 =
      CONTRACTION
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
          + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String QWEN2 = LLAMA3.replace("{1,3}", "");
  private static final String QWEN35 =
      CONTRACTION
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
          + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String TEKKEN =
      cased("") + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String GPT4O =
      cased(CONTRACTION + "?")
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final List<String> DEEPSEEK_CODER =
      List.of("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}");
  private static final List<String> DEEPSEEK_V3 =
      List.of(
          "\\p{N}{1,3}",
          "[一-龥぀-ゟ゠-ヿ]+",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
              + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*"
              + "|\\s*[\r\n]+|\\s+(?!\\S)|\\s+");
  private static final List<String> FALCON =
      List.of("[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]");
  private static final List<String> DEFAULT =
      List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]");

  private static final Map<List<String>, List<String>> PATTERNS_OF_NAMES =
      Map.of(
          List.of(
              "gpt-2",
              "phi-2",
              "mpt",
              "olmo",
              "jais",
              "gigachat",
              "mellum",
              "modern-bert",
              "roberta-bpe",
              "jina-v1-en",
              "jina-v2-code",
              "jina-v2-es",
              "jina-v2-de",
              "jina-es",
              "jina-de",
              "a.x-4.0",
              "trillion",
              "granite-docling",
              "exaone4"),
          List.of(GPT2),
          List.of(
              "smollm",
              "starcoder",
              "refact",
              "command-r",
              "codeshell",
              "exaone",
              "minerva-7b",
              "mellum2"),
          List.of("\\p{N}", GPT2),
          List.of(
              "llama-bpe",
              "llama3",
              "llama-v3",
              "falcon3",
              "falcon-h1",
              "pixtral",
              "midm-2.0",
              "lfm2",
              "jina-v5-nano",
              "dbrx",
              "smaug-bpe",
              "chatglm-bpe",
              "glm4",
              "glm5"),
          List.of(LLAMA3),
          List.of(
              "qwen2",
              "deepseek-r1-qwen",
              "kormo",
              "f2llmv2",
              "stablelm2",
              "hunyuan",
              "megrez",
              "grok-2",
              "solar-open"),
          List.of(QWEN2),
          List.of("qwen35"),
          List.of(QWEN35),
          List.of("deepseek-coder"),
          DEEPSEEK_CODER,
          List.of("deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"),
          DEEPSEEK_V3,
          List.of("falcon"),
          FALCON,
          List.of("tekken"),
          List.of(TEKKEN),
          List.of("gpt-4o", "llama4", "kanana2"),
          List.of(GPT4O));

  private final List<Pattern> patterns;

  private PreTokenizer(List<Pattern> patterns) {
    this.patterns = patterns;
  }

  private static String cased(String ending) {
    String lead = "[^\\r\\n\\p{L}\\p{N}]?";
    return lead + UPPER + "*" + LOWER + "+" + ending + "|" + lead + UPPER + "+" + LOWER + "*"
        + ending;
  }

  /** GPT-2's own pattern, which {@code tokenizer.json} calls {@code ByteLevel}. */
  static String gpt2() {
    return GPT2;
  }

  static PreTokenizer of(List<String> patterns) {
    return new PreTokenizer(
        patterns.stream().map(p -> Pattern.compile(p, Pattern.UNICODE_CHARACTER_CLASS)).toList());
  }

  /**
   * The name that GGUF has for patterns; null if it has none.
   *
   * @param ignoresMerges whether a word that is a token is taken as it is: llama.cpp tells that by
   *     the name too
   */
  static @Nullable String name(List<String> patterns, boolean ignoresMerges) {
    if (patterns.equals(List.of(LLAMA3))) return ignoresMerges ? "llama-bpe" : "smaug-bpe";
    if (patterns.equals(List.of(TEKKEN))) return ignoresMerges ? "tekken" : null;
    if (ignoresMerges) return null;
    return PATTERNS_OF_NAMES.entrySet().stream()
        .filter(e -> e.getValue().equals(patterns))
        .map(e -> e.getKey().getFirst())
        .findFirst()
        .orElse(null);
  }

  /**
   * The one that GGUF names in {@code tokenizer.ggml.pre}.
   *
   * @throws IllegalArgumentException for a name that is not known: a guess would give wrong tokens
   */
  static PreTokenizer named(String name) {
    return of(patterns(name));
  }

  /** The patterns of {@link #named}. */
  static List<String> patterns(String name) {
    if (name.isEmpty() || name.equals("default")) {
      return DEFAULT;
    }
    for (var e : PATTERNS_OF_NAMES.entrySet()) {
      if (e.getKey().contains(name)) {
        return e.getValue();
      }
    }
    throw new IllegalArgumentException(
        "the model's pre-tokenizer '"
            + name
            + "' (tokenizer.ggml.pre) is not supported; load the model with its tokenizer.json");
  }

  void words(String text, Consumer<String> word) {
    List<String> pieces = List.of(text);
    for (int i = 0; i < patterns.size(); i++) {
      boolean last = i + 1 == patterns.size();
      var next = new ArrayList<String>();
      for (String piece : pieces) {
        split(patterns.get(i), piece, last ? word : next::add);
      }
      pieces = next;
    }
    if (patterns.isEmpty() && !text.isEmpty()) {
      word.accept(text);
    }
  }

  private static void split(Pattern pattern, String text, Consumer<String> word) {
    Matcher m = pattern.matcher(text);
    int end = 0;
    while (m.find()) {
      if (m.start() > end) {
        word.accept(text.substring(end, m.start()));
      }
      if (m.end() > m.start()) {
        word.accept(m.group());
      }
      end = m.end();
    }
    if (end < text.length()) {
      word.accept(text.substring(end));
    }
  }
}
