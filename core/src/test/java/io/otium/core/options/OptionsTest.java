package io.otium.core.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
  enum Score {
    SURPRISAL,
    SHANNON_ENTROPY
  }

  @Doc("keeps what surprised")
  record Kv(
      @Doc("slots to keep") @Range(min = 1, max = 100000) int keepLast,
      @Doc("share of the prompt to keep") @Range(min = 0, max = 1, minOpen = true) double budget,
      @Doc("decay a turn") @Range(min = 0, max = 0.9) float decay,
      @Doc("seed") long seed,
      @Doc("count the prompt") boolean protectPrompt,
      @Doc("what to rank by") Score score,
      @Doc("name") String name,
      @Doc("layers") @Range(min = 0) List<Integer> layers,
      @Doc("keep per layer") @Range(min = 0, max = 1) List<Double> keep,
      @Doc("stops") List<String> stop,
      @Doc("bias") @Range(min = -100, max = 100) Map<Integer, Float> bias,
      @Doc("window") @Range(min = 1) @Nullable Integer window) {
    Kv {
      if (window != null && window >= keepLast) {
        throw OptionException.invalid("window", window, "less than keep_last (" + keepLast + ")");
      }
      if (name.equals("forbidden")) {
        throw new IllegalArgumentException("has a name that nobody may have");
      }
    }
  }

  private static final Kv DEFAULTS =
      new Kv(
          64,
          0.5,
          0.9f,
          -1,
          false,
          Score.SURPRISAL,
          "",
          List.of(),
          List.of(),
          List.of(),
          Map.of(),
          null);
  private static final Options<Kv> OPTIONS = Options.describe(Kv.class, DEFAULTS);

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }

  private static Kv read(String text) throws JsonProcessingException {
    return OPTIONS.fromJson(json(text));
  }

  @Test
  void aMissingKeyHasItsDefault() throws Exception {
    assertThat(read("{}")).isEqualTo(DEFAULTS);
  }

  @Test
  void everyTypeIsRead() throws Exception {
    Kv kv =
        read(
            "{'keep_last': 8, 'budget': 0.25, 'decay': 0.5, 'seed': 7, 'protect_prompt': true,"
                + "'score': 'shannon-entropy', 'name': 'x', 'layers': [1, 2], 'keep': [0.7, 1],"
                + "'stop': ['a', 'b'], 'bias': {'5': -1.5}, 'window': 4}");
    assertThat(kv)
        .isEqualTo(
            new Kv(
                8,
                0.25,
                0.5f,
                7,
                true,
                Score.SHANNON_ENTROPY,
                "x",
                List.of(1, 2),
                List.of(0.7, 1.0),
                List.of("a", "b"),
                Map.of(5, -1.5f),
                4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep_last", "keepLast", "keep-last"})
  void aKeyMayBeSpelledInThreeWays(String key) throws Exception {
    assertThat(read("{'" + key + "': 3}").keepLast()).isEqualTo(3);
  }

  @Test
  void theSameKeyInTwoSpellingsIsRefused() {
    assertThatThrownBy(() -> read("{'keep_last': 3, 'keepLast': 3}"))
        .hasMessage("keep_last is given twice");
  }

  @Test
  void anUnknownKeyIsRefusedWithTheNearestOne() {
    assertThatThrownBy(() -> OPTIONS.fromJson(json("{'budgt': 1}"), "otium.kv"))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("otium.kv.budgt is not an option; did you mean budget? (known: ")
        .extracting(e -> ((OptionException) e).key())
        .isEqualTo("otium.kv.budgt");
    assertThatThrownBy(() -> read("{'zzz': 1}"))
        .hasMessageStartingWith("zzz is not an option (known: keep_last, ");
  }

  @Test
  void aValueOutOfRangeIsRefusedWithKeyValueAndRange() {
    assertThatThrownBy(() -> OPTIONS.fromJson(json("{'keep_last': 0}"), "otium.kv"))
        .hasMessage("otium.kv.keep_last must be a whole number from 1 to 100000, not 0");
    assertThatThrownBy(() -> read("{'budget': 0}"))
        .hasMessage("budget must be a number above 0 and of at most 1 or a percentage, not 0");
    assertThatThrownBy(() -> read("{'keep': [0.5, 2]}"))
        .hasMessage("keep[1] must be a number from 0 to 1, not 2");
    assertThatThrownBy(() -> read("{'bias': {'3': 101}}"))
        .hasMessage("bias.3 must be a number from -100 to 100, not 101");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'keep_last': '3'}",
        "{'keep_last': 3.5}",
        "{'keep_last': true}",
        "{'keep_last': [3]}",
        "{'budget': '0.5'}",
        "{'budget': {}}",
        "{'protect_prompt': 'true'}",
        "{'protect_prompt': 1}",
        "{'name': 3}",
        "{'score': 0}",
        "{'score': 'loud'}",
        "{'layers': 'x'}",
        "{'layers': [1, null]}",
        "{'stop': [1]}",
        "{'stop': {}}",
        "{'bias': [1]}",
        "{'bias': {'x': 1}}",
        "[]",
        "3",
        "null"
      })
  void aWrongTypeIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(OptionException.class);
  }

  @Test
  void aWholeNumberMayBeWrittenWithAZeroFraction() throws Exception {
    assertThat(read("{'keep_last': 3.0}").keepLast()).isEqualTo(3);
    assertThat(read("{'keep_last': 3e2}").keepLast()).isEqualTo(300);
  }

  @Test
  void numbersBeyondTheTypeAreRefused() {
    for (JsonNode huge :
        List.of(
            BigIntegerNode.valueOf(BigInteger.TEN.pow(900)),
            DecimalNode.valueOf(new BigDecimal("1e999999999")),
            DoubleNode.valueOf(1e300),
            DoubleNode.valueOf(Double.NaN),
            DoubleNode.valueOf(Double.POSITIVE_INFINITY))) {
      for (String key : List.of("keep_last", "seed", "decay")) {
        assertThatThrownBy(
                () -> OPTIONS.fromJson(JsonNodeFactory.instance.objectNode().set(key, huge)))
            .isInstanceOf(OptionException.class)
            .hasMessageStartingWith(key + " must be ");
      }
    }
    assertThatThrownBy(() -> read("{'keep_last': 3000000000}")).isInstanceOf(OptionException.class);
  }

  @Test
  void aLongKeepsAllItsDigits() throws Exception {
    assertThat(read("{'seed': 9223372036854775807}").seed()).isEqualTo(Long.MAX_VALUE);
    assertThat(OPTIONS.fromText(Map.of("seed", "9007199254740993"), "").seed())
        .isEqualTo(9007199254740993L);
  }

  @Test
  void nullMeansTheDefaultAndUnsetsWhatIsOptional() throws Exception {
    assertThat(read("{'keep_last': null, 'stop': null, 'window': null}")).isEqualTo(DEFAULTS);
    Options<Kv> windowed =
        Options.describe(
            Kv.class,
            new Kv(
                64,
                1,
                0,
                -1,
                false,
                Score.SURPRISAL,
                "",
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                8));
    assertThat(windowed.fromJson(json("{}")).window()).isEqualTo(8);
    assertThat(windowed.fromJson(json("{'window': null}")).window()).isNull();
    assertThat(windowed.fromText(Map.of("window", "none"), "").window()).isNull();
  }

  @Test
  void oneItemStandsForAListOfOne() throws Exception {
    assertThat(read("{'stop': 'a,b'}").stop()).containsExactly("a,b");
    assertThat(read("{'layers': 3}").layers()).containsExactly(3);
  }

  @Test
  void aShareMayBeAPercentage() throws Exception {
    assertThat(read("{'budget': '50%'}").budget()).isEqualTo(0.5);
    assertThat(OPTIONS.fromText(Map.of("budget", "12.5%"), "").budget()).isEqualTo(0.125);
    assertThatThrownBy(() -> OPTIONS.fromText(Map.of("budget", "150%"), "kv"))
        .hasMessage(
            "kv.budget must be a number above 0 and of at most 1 or a percentage, not \"150%\"");
    assertThatThrownBy(() -> OPTIONS.fromText(Map.of("keep-last", "50%"), "kv"))
        .hasMessage("kv.keep_last must be a whole number from 1 to 100000, not \"50%\"");
  }

  @Test
  void aFloatMayStandAtTheEndOfItsRange() {
    assertThat(OPTIONS.fromJson(OPTIONS.toJson(DEFAULTS)).decay()).isEqualTo(0.9f);
  }

  @Test
  void theRecordsOwnChecksAreReportedWithTheirPath() {
    assertThatThrownBy(() -> OPTIONS.fromJson(json("{'window': 64}"), "otium.kv"))
        .hasMessage("otium.kv.window must be less than keep_last (64), not 64");
    assertThatThrownBy(() -> OPTIONS.fromJson(json("{'name': 'forbidden'}"), "otium.kv"))
        .hasMessage("otium.kv has a name that nobody may have");
  }

  @Test
  void commandLineWordsAreRead() {
    Kv kv =
        OPTIONS.fromArguments(
            "kv",
            List.of(
                "--kv.keep-last",
                "9",
                "--kv.budget=50%",
                "--kv.protect-prompt",
                "--kv.score",
                "SHANNON_ENTROPY",
                "--kv.layers",
                "1,2",
                "--kv.stop=[\"a,b\",\"c\"]",
                "--kv.bias",
                "7=0.5,8=-1"));
    assertThat(kv.keepLast()).isEqualTo(9);
    assertThat(kv.budget()).isEqualTo(0.5);
    assertThat(kv.protectPrompt()).isTrue();
    assertThat(kv.score()).isEqualTo(Score.SHANNON_ENTROPY);
    assertThat(kv.layers()).containsExactly(1, 2);
    assertThat(kv.stop()).containsExactly("a,b", "c");
    assertThat(kv.bias()).isEqualTo(Map.of(7, 0.5f, 8, -1f));
  }

  @Test
  void wrongCommandLineWordsAreRefused() {
    assertThatThrownBy(() -> OPTIONS.fromArguments("kv", List.of("--kv.kep-last", "9")))
        .hasMessageStartingWith("kv.kep-last is not an option; did you mean keep-last?");
    assertThatThrownBy(() -> OPTIONS.fromArguments("kv", List.of("--kv.keep-last")))
        .hasMessage("kv.keep-last needs a value: a whole number from 1 to 100000");
    assertThatThrownBy(() -> OPTIONS.fromArguments("kv", List.of("nine")))
        .hasMessage("nine is no option; options begin with --kv.");
    assertThatThrownBy(() -> OPTIONS.fromArguments("kv", List.of("--kv.seed=1", "--kv.seed=2")))
        .hasMessage("kv.seed is given twice");
  }

  @Test
  void yamlIsRead() {
    Kv kv = OPTIONS.fromYaml("keep_last: 9\nbudget: 50%\nlayers: [1, 2]\nbias:\n  7: 0.5\n");
    assertThat(kv.keepLast()).isEqualTo(9);
    assertThat(kv.budget()).isEqualTo(0.5);
    assertThat(kv.layers()).containsExactly(1, 2);
    assertThat(kv.bias()).isEqualTo(Map.of(7, 0.5f));
    assertThat(OPTIONS.fromYaml("")).isEqualTo(DEFAULTS);
  }

  @Test
  void brokenYamlIsRefusedWithItsLine() {
    assertThatThrownBy(() -> OPTIONS.fromYaml("keep_last: 9\nlayers: [1, \nseed: }"))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("not valid YAML in line 3");
    assertThatThrownBy(() -> OPTIONS.fromYaml("seed: 1\nseed: 2\n"))
        .isInstanceOf(OptionException.class);
    assertThatThrownBy(() -> OPTIONS.fromYaml("budget: .nan\n"))
        .isInstanceOf(OptionException.class);
  }

  @Test
  void aLongValueIsShortenedInTheMessage() {
    assertThatThrownBy(() -> read("{'keep_last': '" + "9".repeat(5000) + "'}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(150));
    assertThatThrownBy(() -> read("{'" + "k".repeat(5000) + "': 1}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }

  @Test
  void flagsAreDescribed() {
    OptionFlag flag = OPTIONS.flags("kv").get(1);
    assertThat(flag.flag()).isEqualTo("--kv.budget");
    assertThat(flag.placeholder()).isEqualTo("SHARE");
    assertThat(flag.defaultText()).isEqualTo("0.5");
    assertThat(OPTIONS.flags("").get(5))
        .extracting(OptionFlag::flag, OptionFlag::placeholder)
        .containsExactly("--score", "surprisal|shannon-entropy");
  }

  @Test
  void aFieldBecomesJsonForTheConsolesForm() {
    JsonNode field = new ObjectMapper().valueToTree(OPTIONS.fields().getFirst());
    assertThat(field.path("name").asText()).isEqualTo("keep_last");
    assertThat(field.path("type").asText()).isEqualTo("INT");
    assertThat(field.path("defaultValue").asInt()).isEqualTo(64);
    assertThat(field.path("min").asDouble()).isEqualTo(1);
  }

  @Test
  void theReferencePageHasARowForEachOption() {
    String page = OptionsPage.table(OPTIONS);
    assertThat(page.lines()).hasSize(2 + OPTIONS.fields().size());
    assertThat(page)
        .contains("| `keep_last` | `64` | a whole number from 1 to 100000 | slots to keep |")
        .contains("| `name` | empty | text | name |");
  }

  record Undocumented(int window) {}

  record Odd(@Doc("when") java.time.Instant when) {}

  record Narrow(@Doc("n") @Range(min = 1) int n) {}

  @Test
  void aRecordThatCannotBeDescribedIsAProgrammingError() {
    assertThatThrownBy(() -> Options.describe(Undocumented.class, new Undocumented(1)))
        .hasMessage("option Undocumented.window has no @Doc");
    assertThatThrownBy(() -> Options.describe(Odd.class, new Odd(java.time.Instant.EPOCH)))
        .hasMessageStartingWith("option Odd.when has type java.time.Instant");
    assertThatThrownBy(() -> Options.describe(Narrow.class, new Narrow(0)))
        .hasMessage("n must be a whole number of at least 1, not 0");
  }
}
