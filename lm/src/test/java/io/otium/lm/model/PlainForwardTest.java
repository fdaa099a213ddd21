package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.lm.format.TensorSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what the reference implementation computed with the same weights. */
class PlainForwardTest {
  static final float TOLERANCE = 1e-4f;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama3",
        "llama-linear",
        "mistral",
        "qwen2",
        "qwen2-yarn",
        "qwen3",
        "gpt2",
        "bert",
        "tiny-chat"
      })
  void agreesWithTheReferenceOnSafetensors(String name) throws Exception {
    Path folder = TestModels.folder(name);
    ModelConfig config = ModelConfig.fromJson(folder);
    try (TensorSource source = TensorSource.open(folder)) {
      compare(name, Weights.of(config, source));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama3", "mistral", "qwen2", "qwen2-yarn", "qwen3", "gpt2", "bert"})
  void agreesWithTheReferenceOnGguf(String name) throws Exception {
    Path file = TestModels.folder(name).resolve("model.gguf");
    try (TensorSource source = TensorSource.open(file)) {
      ModelConfig config = ModelConfig.fromGguf(source.metadata(), source);
      compare(name, Weights.of(config, source));
    }
  }

  @Test
  void embedsToLengthOne() throws Exception {
    try (TensorSource source = TensorSource.open(TestModels.folder("bert"))) {
      Weights weights = Weights.of(ModelConfig.fromJson(TestModels.folder("bert")), source);
      PlainForward plain = new PlainForward(weights);
      int[] tokens = {3, 1, 4};
      float[] hidden = plain.hidden(tokens);
      for (Pooling pooling : Pooling.values()) {
        float[] pooled = plain.embed(tokens, pooling);
        double squares = 0;
        for (float value : pooled) {
          squares += value * value;
        }
        assertThat(squares).isBetween(0.99999, 1.00001);
        assertThat(pooled).hasSize(32);
      }
      float first = hidden[0] / hidden[1];
      float[] cls = plain.embed(tokens, Pooling.CLS);
      assertThat(cls[0] / cls[1]).isBetween(first - 1e-4f, first + 1e-4f);
    }
  }

  @Test
  void refusesTokensThatTheModelDoesNotHave() throws Exception {
    try (TensorSource source = TensorSource.open(TestModels.folder("gpt2"))) {
      Weights weights = Weights.of(ModelConfig.fromJson(TestModels.folder("gpt2")), source);
      PlainForward plain = new PlainForward(weights);
      assertThatThrownBy(() -> plain.logits(new int[] {0, 100}))
          .hasMessage("token 100 is outside the vocabulary, 0 to 99");
      assertThatThrownBy(() -> plain.logits(new int[] {-1})).hasMessageContaining("token -1");
      assertThatThrownBy(() -> plain.logits(new int[0])).hasMessageContaining("0 tokens");
      assertThatThrownBy(() -> plain.logits(new int[65]))
          .hasMessage("65 tokens given; there must be 1 to 64");
    }
  }

  @Test
  void anEncoderHasNoLogits() throws Exception {
    try (TensorSource source = TensorSource.open(TestModels.folder("bert"))) {
      Weights weights = Weights.of(ModelConfig.fromJson(TestModels.folder("bert")), source);
      assertThatThrownBy(() -> new PlainForward(weights).logits(new int[] {1}))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("bert is an encoder");
    }
  }

  private static void compare(String name, Weights weights) throws Exception {
    JsonNode expected =
        new ObjectMapper().readTree(TestModels.folder(name).resolve("expected.json").toFile());
    boolean logits = expected.get("what").asText().equals("logits");
    PlainForward plain = new PlainForward(weights);
    for (JsonNode one : expected.get("cases")) {
      int[] tokens = ints(one.get("tokens"));
      float[] all = logits ? plain.logits(tokens) : plain.hidden(tokens);
      int columns = all.length / tokens.length;
      int[] rows = ints(one.get("rows"));
      for (int r = 0; r < rows.length; r++) {
        JsonNode values = one.get("values").get(r);
        assertThat(columns).isEqualTo(values.size());
        int best = 0;
        int expectedBest = 0;
        for (int i = 0; i < columns; i++) {
          float value = all[rows[r] * columns + i];
          float wanted = values.get(i).floatValue();
          assertThat(Math.abs(value - wanted))
              .as("%s, %d tokens, row %d, column %d", name, tokens.length, rows[r], i)
              .isLessThanOrEqualTo(TOLERANCE);
          best = value > all[rows[r] * columns + best] ? i : best;
          expectedBest = wanted > values.get(expectedBest).floatValue() ? i : expectedBest;
        }
        assertThat(best).isEqualTo(expectedBest);
      }
    }
  }

  static int[] ints(JsonNode list) {
    int[] ints = new int[list.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = list.get(i).intValue();
    }
    return ints;
  }
}
