package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.text.jinja.Template;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/** Whatever the input: the same as the reference, or an IllegalArgumentException; never a hang. */
class TextProperties {
  private static final Tokenizer QWEN = Fixtures.tokenizer("qwen");
  private static final Tokenizer GPT2 = Fixtures.tokenizer("gpt2");
  private static final Tokenizer GPT2_LIBRARY = Fixtures.library("gpt2");
  private static final Tokenizer QWEN_LIBRARY = Fixtures.library("qwen");

  @AfterContainer
  static void close() {
    GPT2_LIBRARY.close();
    QWEN_LIBRARY.close();
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().all().ofMaxLength(60),
        Arbitraries.strings().withChars("ab <|im_end>'\n\t12é🦥").ofMaxLength(200),
        Arbitraries.of(
                "the", " lazy", "'s", "\r\n", "12", "<|im_end|>", "<tool>", "é", "\ud800", " ")
            .list()
            .ofMaxSize(30)
            .map(l -> String.join("", l)));
  }

  @Property(tries = 400, seed = "42")
  void encodesAsTheLibrary(
      @ForAll("texts") String text, @ForAll boolean addSpecial, @ForAll boolean parseSpecial) {
    String whole = HuggingFaceTokenizer.wellFormed(text);
    assertThat(GPT2.encode(text, addSpecial, parseSpecial))
        .isEqualTo(GPT2_LIBRARY.encode(whole, addSpecial, parseSpecial));
    // Unicode versions may disagree about what is a letter and how it is composed.
    if (text.chars().allMatch(c -> c < 0x250 || Character.isSurrogate((char) c))) {
      assertThat(QWEN.encode(text, addSpecial, parseSpecial))
          .isEqualTo(QWEN_LIBRARY.encode(whole, addSpecial, parseSpecial));
    }
  }

  @Property(tries = 400, seed = "42")
  void decodingGivesTheTextBack(@ForAll("texts") String text) {
    int[] ids = GPT2.encode(text, false, false);
    assertThat(GPT2.decode(ids, false)).isEqualTo(HuggingFaceTokenizer.wellFormed(text));
  }

  @Property(tries = 200, seed = "42")
  void aStreamOfAnyIdsIsTheirText(@ForAll("ids") List<Integer> ids) {
    var decoder = new StreamDecoder(GPT2);
    var out = new StringBuilder();
    ids.forEach(id -> out.append(decoder.add(id)));
    out.append(decoder.flush());
    assertThat(out.toString())
        .isEqualTo(GPT2.decode(ids.stream().mapToInt(i -> i).toArray(), true));
  }

  @Provide
  Arbitrary<List<Integer>> ids() {
    return Arbitraries.integers().between(0, GPT2.vocabularySize() - 1).list().ofMaxSize(40);
  }

  @Property(tries = 300, seed = "42")
  void stopTextsCutWhereANaiveSearchCuts(
      @ForAll("letters") String text, @ForAll("stops") List<String> stops, @ForAll int seed) {
    int end = Integer.MAX_VALUE;
    int cut = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      if (at >= 0 && (at + stop.length() < end || (at + stop.length() == end && at < cut))) {
        end = at + stop.length();
        cut = at;
      }
    }
    var watch = new StopTexts(stops);
    var out = new StringBuilder();
    var random = new Random(seed);
    for (int i = 0; i < text.length(); ) {
      int to = Math.min(text.length(), i + random.nextInt(4));
      out.append(watch.add(text.substring(i, to)));
      i = to;
    }
    out.append(watch.flush());
    assertThat(out.toString()).isEqualTo(text.substring(0, cut));
    assertThat(watch.found()).isEqualTo(end != Integer.MAX_VALUE);
  }

  @Provide
  Arbitrary<String> letters() {
    return Arbitraries.strings().withChars("abc").ofMaxLength(40);
  }

  @Provide
  Arbitrary<List<String>> stops() {
    return Arbitraries.strings().withChars("abc").ofMinLength(1).ofMaxLength(5).list().ofMaxSize(6);
  }

  private static String mutated(String source, Random random) {
    var out = new StringBuilder(source);
    String pieces = "{}%-\"'[]()|.,:=+*0 1ae\n\\~#";
    for (int i = random.nextInt(4); i >= 0 && !out.isEmpty(); i--) {
      int at = random.nextInt(out.length());
      switch (random.nextInt(4)) {
        case 0 -> out.deleteCharAt(at);
        case 1 -> out.setCharAt(at, pieces.charAt(random.nextInt(pieces.length())));
        case 2 -> out.insert(at, pieces.charAt(random.nextInt(pieces.length())));
        default -> {
          int end = Math.min(out.length(), at + random.nextInt(30));
          out.insert(random.nextInt(out.length()), out.substring(at, end));
        }
      }
    }
    return out.toString();
  }

  private static final List<String> TEMPLATES =
      ChatTemplateTest.templates().stream()
          .map(name -> Fixtures.text("/templates/" + name + ".jinja"))
          .toList();

  @Property(tries = 1500, seed = "42")
  void aBrokenTemplateIsRefusedOrRenders(@ForAll int seed) {
    var random = new Random(seed);
    String source = mutated(TEMPLATES.get(random.nextInt(TEMPLATES.size())), random);
    refusedOrFine(
        () ->
            ChatTemplate.of(source, Map.of("bos_token", "<s>"))
                .render(
                    List.of(
                        ChatMessage.system("s"), ChatMessage.user("u"), ChatMessage.assistant("a")),
                    true));
  }

  @Property(tries = 500, seed = "42")
  void anyTextIsATemplateOrRefused(@ForAll("templateTexts") String source) {
    refusedOrFine(() -> Template.parse(source).render(Map.of("x", List.of(1, "two", Map.of()))));
  }

  @Provide
  Arbitrary<String> templateTexts() {
    return Arbitraries.of(
            "{{",
            "}}",
            "{%",
            "%}",
            " for ",
            " i ",
            " in ",
            "x",
            "[",
            "]",
            "(",
            ")",
            "1",
            "'a'",
            "|",
            "join",
            "length",
            "if ",
            "endif",
            "endfor",
            "set ",
            "=",
            "+",
            "*",
            "~",
            "is ",
            "defined",
            ".",
            ":",
            ",",
            "-",
            "{#",
            "#}",
            "raw ",
            "endraw",
            "\n",
            "macro f()",
            "endmacro",
            "f()",
            "range",
            "not ",
            "and ",
            "**")
        .list()
        .ofMaxSize(40)
        .map(l -> String.join("", l));
  }

  @Property(tries = 400, seed = "42")
  void aBrokenTokenizerIsRefusedOrWorks(@ForAll int seed) {
    var random = new Random(seed);
    String source = mutated(Fixtures.text("/tokenizers/gpt2.json"), random);
    refusedOrFine(
        () -> {
          try {
            if (Fixtures.MAPPER.readTree(source) instanceof ObjectNode json) {
              // Kinds that only the library reads are not this test's matter.
              Tokenizer tokenizer = TokenizerJson.inJava(json, -1, Set.of());
              if (tokenizer != null) {
                tokenizer.encode("the lazy fox 1", true, true);
              }
            }
          } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(e);
          }
        });
  }

  @Property(tries = 200, seed = "42")
  void anyMetadataIsATokenizerOrRefused(@ForAll int seed) {
    var random = new Random(seed);
    List<Object> values =
        List.of(
            "gpt2",
            "llama",
            -1,
            1L << 40,
            List.of(),
            List.of("a", "b", "a b"),
            List.of(1, 2, 3),
            new String[] {"a", "▁", "<0x0A>"},
            new int[] {1, 6, 3},
            new float[] {1, Float.NaN, 0},
            true,
            2.5);
    var metadata = new HashMap<String, Object>();
    metadata.put("tokenizer.ggml.model", random.nextBoolean() ? "gpt2" : "llama");
    metadata.put("tokenizer.ggml.tokens", new String[] {"a", "b", "ab"});
    for (String key :
        new ArrayList<>(
            List.of(
                "tokens",
                "merges",
                "scores",
                "token_type",
                "eos_token_id",
                "pre",
                "add_bos_token",
                "bos_token_id"))) {
      if (random.nextInt(3) == 0) {
        metadata.put("tokenizer.ggml." + key, values.get(random.nextInt(values.size())));
      }
    }
    refusedOrFine(() -> Tokenizers.fromGguf(metadata).encode("ab a\n", true, true));
  }

  private static void refusedOrFine(Runnable attempt) {
    try {
      attempt.run();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
