package io.otium.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Range;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.SequenceHook;
import java.util.List;
import org.junit.jupiter.api.Test;

class LazyInferenceTest {
  private static final ModelInfo MODEL = new ModelInfo("toy", "llama", 1, "fp32", 64, 8, 2, 0);

  @Doc("keeps the newest")
  record Recent(@Doc("share to keep") @Range(min = 0, max = 1, minOpen = true) double budget) {}

  private static final Registry<String> REGISTRY =
      new Registry<>(
          "kv",
          "what stays",
          List.of(
              Method.of(
                  "full", KvPolicy.FullOptions.class, new KvPolicy.FullOptions(), (o, m) -> "full"),
              Method.of(
                  "recent",
                  Recent.class,
                  new Recent(0.5),
                  (o, m) -> {
                    if (o.budget() * m.context() < 8) {
                      throw OptionException.invalid("budget", o.budget(), "8 slots or more");
                    }
                    return "recent " + o.budget();
                  })));

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }

  @Test
  void nothingAskedIsPlainInference() throws Exception {
    assertThat(LazyInference.fromJson(json("{}")).newHook(MODEL)).isSameAs(SequenceHook.NONE);
    assertThat(LazyInference.fromJson(json("{'prefill': {'method': 'full'}, 'kv': 'full'}")))
        .extracting(lazy -> lazy.newHook(MODEL))
        .isSameAs(SequenceHook.NONE);
  }

  @Test
  void whatIsResolvedReadsBack() throws Exception {
    LazyInference lazy = LazyInference.full();
    assertThat(lazy.toJson())
        .isEqualTo(json("{'prefill':{'method':'full'},'kv':{'method':'full'}}"));
    assertThat(LazyInference.fromJson(lazy.toJson()).toJson()).isEqualTo(lazy.toJson());
  }

  @Test
  void errorsNameTheWholePath() {
    assertThatThrownBy(() -> LazyInference.fromJson(json("{'kv': {'method': 'ful'}}")))
        .hasMessage("otium.kv.method must be one of full, not \"ful\"");
    assertThatThrownBy(
            () -> LazyInference.fromJson(json("{'kv': {'method': 'full', 'budget': 1}}")))
        .hasMessage("otium.kv.budget is not an option (known: no options)");
    assertThatThrownBy(() -> LazyInference.fromJson(json("{'prefil': {}}")))
        .hasMessage("otium.prefil is not an option; did you mean prefill? (known: prefill, kv)");
    assertThatThrownBy(() -> LazyInference.fromJson(json("{'kv': {'budget': 1}}")))
        .hasMessage("otium.kv.method must name a method (full)");
    assertThatThrownBy(() -> LazyInference.fromJson(json("{'kv': 3}")))
        .hasMessage("otium.kv must be an object with a method (full)");
    assertThatThrownBy(() -> LazyInference.fromJson(json("[]")))
        .hasMessage("otium must be an object with prefill or kv");
  }

  @Test
  void aMethodReadsItsOptionsFromJsonAndFlags() throws Exception {
    assertThat(
            REGISTRY
                .fromJson(json("{'method': 'recent', 'budget': '25%'}"), "otium.kv")
                .create(MODEL))
        .isEqualTo("recent 0.25");
    assertThat(
            REGISTRY
                .fromArguments(List.of("--model", "m", "--kv", "recent", "--kv.budget=75%", "x"))
                .create(MODEL))
        .isEqualTo("recent 0.75");
    assertThat(REGISTRY.fromArguments(List.of("--other")).create(MODEL)).isEqualTo("full");
  }

  @Test
  void badFlagsAreRefusedByTheirName() {
    assertThatThrownBy(() -> REGISTRY.fromArguments(List.of("--kv", "recent", "--kv.budget", "2")))
        .hasMessageStartingWith("--kv.budget must be a number above 0");
    assertThatThrownBy(() -> REGISTRY.fromArguments(List.of("--kv", "recnt")))
        .hasMessage("--kv must be one of full, recent, not \"recnt\"");
    assertThatThrownBy(() -> REGISTRY.fromArguments(List.of("--kv")))
        .hasMessage("--kv needs a value");
  }

  @Test
  void aMethodMayRefuseAModelByItsOwnOption() throws Exception {
    Chosen<?, String> chosen =
        REGISTRY.fromJson(json("{'method':'recent','budget':0.1}"), "otium.kv");
    assertThatThrownBy(() -> chosen.create(MODEL))
        .hasMessage("otium.kv.budget must be 8 slots or more, not 0.1");
  }

  @Test
  void twoMethodsOfOneIdAreAProgrammingError() {
    Method<KvPolicy.FullOptions, String> full =
        Method.of("full", KvPolicy.FullOptions.class, new KvPolicy.FullOptions(), (o, m) -> "");
    assertThatThrownBy(() -> new Registry<>("kv", "", List.of(full, full)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
