package io.otium.core.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

class OptionsProperties {
  enum Colour {
    RED,
    DARK_BLUE
  }

  record Sample(
      @Doc("a") @Range(min = -5) int count,
      @Doc("b") long seed,
      @Doc("c") @Range(min = 0, max = 1) float share,
      @Doc("d") double rate,
      @Doc("e") boolean flag,
      @Doc("f") Colour colour,
      @Doc("g") String text,
      @Doc("h") List<String> texts,
      @Doc("i") List<Integer> numbers,
      @Doc("j") List<Double> rates,
      @Doc("k") Map<Integer, Float> bias,
      @Doc("l") @Nullable Double limit) {}

  private static final Options<Sample> OPTIONS =
      Options.describe(
          Sample.class,
          new Sample(
              1,
              2,
              0.1f,
              3,
              true,
              Colour.RED,
              "t",
              List.of("x"),
              List.of(4),
              List.of(0.5),
              Map.of(1, 2f),
              6.0));
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Provide
  Arbitrary<Sample> samples() {
    Arbitrary<String> text = Arbitraries.strings().ofMaxLength(12);
    Arbitrary<Double> real =
        Arbitraries.doubles().between(-1e300, 1e300).ofScale(12).edgeCases(e -> e.add(-0.0, 1e-12));
    Arbitrary<Float> bias = Arbitraries.floats().between(-1e30f, 1e30f);
    return Combinators.combine(
            Combinators.combine(
                    Arbitraries.integers().greaterOrEqual(-5),
                    Arbitraries.longs(),
                    Arbitraries.floats().between(0, 1),
                    real)
                .as(Tuple::of),
            Arbitraries.of(true, false),
            Arbitraries.of(Colour.class),
            text,
            text.list().ofMaxSize(4),
            Combinators.combine(
                    Arbitraries.integers().list().ofMaxSize(4), real.list().ofMaxSize(4))
                .as(Tuple::of),
            Arbitraries.maps(Arbitraries.integers(), bias).ofMaxSize(4),
            real.injectNull(0.3))
        .as(
            (n, flag, colour, string, strings, lists, map, limit) ->
                new Sample(
                    n.get1(),
                    n.get2(),
                    n.get3(),
                    n.get4(),
                    flag,
                    colour,
                    string,
                    strings,
                    lists.get1(),
                    lists.get2(),
                    map,
                    limit));
  }

  @Property(tries = 300)
  void jsonGivesBackWhatWasWritten(@ForAll("samples") Sample sample) throws Exception {
    String text = MAPPER.writeValueAsString(OPTIONS.toJson(sample));
    assertThat(OPTIONS.fromJson(MAPPER.readTree(text))).isEqualTo(sample);
  }

  @Property(tries = 300)
  void yamlGivesBackWhatJsonWrote(@ForAll("samples") Sample sample) throws Exception {
    String text = OptionJson.YAML.writeValueAsString(OPTIONS.toJson(sample));
    assertThat(OPTIONS.fromYaml(text)).isEqualTo(sample);
  }

  @Property(tries = 300)
  void flagsGiveBackWhatTheirDefaultsShow(@ForAll("samples") Sample sample) {
    Options<Sample> other = Options.describe(Sample.class, sample);
    List<String> words = new ArrayList<>();
    for (OptionFlag flag : other.flags("x")) {
      words.add(flag.flag() + "=" + flag.defaultText());
    }
    assertThat(OPTIONS.fromArguments("x", words)).isEqualTo(sample);
  }

  @Provide
  Arbitrary<Object> values() {
    Arbitrary<Object> scalar =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(10).map(s -> s),
            Arbitraries.integers().map(i -> i),
            Arbitraries.bigIntegers().map(i -> i),
            Arbitraries.doubles().map(d -> d),
            Arbitraries.of(Double.NaN, Double.NEGATIVE_INFINITY, true, "50%", "%", "1e9999"));
    return Arbitraries.oneOf(
        scalar,
        scalar.list().ofMaxSize(3).map(list -> list),
        Arbitraries.maps(Arbitraries.strings().ofMaxLength(3), scalar).ofMaxSize(3).map(m -> m));
  }

  @Property(tries = 500)
  void anythingElseIsAnOptionExceptionAndNoOtherError(
      @ForAll("values") Object value, @ForAll String key) {
    List<String> keys = new ArrayList<>(OPTIONS.fields().stream().map(OptionField::name).toList());
    keys.add(key);
    for (String name : keys) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put(name, value);
      JsonNode node = MAPPER.valueToTree(map);
      assertThatCode(() -> refusedOrRead(() -> OPTIONS.fromJson(node))).doesNotThrowAnyException();
      assertThatCode(
              () -> refusedOrRead(() -> OPTIONS.fromText(Map.of(name, String.valueOf(value)), "p")))
          .doesNotThrowAnyException();
    }
  }

  private static void refusedOrRead(Runnable read) {
    try {
      read.run();
    } catch (OptionException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(400);
    }
  }
}
