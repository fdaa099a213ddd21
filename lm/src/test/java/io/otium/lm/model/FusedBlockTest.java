package io.otium.lm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.LoraOptions;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way back that is written out: no further from exact gradients than the one that libtorch
 * records in the same precision.
 */
class FusedBlockTest {
  /** Lengths around the tiles of 64, of two batches whose gradients are summed. */
  private static final List<int[]> LENGTHS =
      List.of(new int[] {70, 1, 64, 130}, new int[] {33, 33});

  @TempDir static Path folder;

  @BeforeEach
  void needsTheProcessor() {
    assumeTrue(
        CausalAttention.isAvailable(32),
        "blocks are fused where the processor multiplies bf16 (avx512_bf16); here they are not");
  }

  @Test
  void lossesAndGradientsAreThoseOfTheRecordedBlocks() throws Exception {
    compare(null, false);
  }

  @Test
  void soAreTheyWhereBlocksAreRunTwice() throws Exception {
    compare(null, true);
  }

  @Test
  void soAreThoseOfAdapters() throws Exception {
    compare(LoraOptions.DEFAULTS, false);
    compare(new LoraOptions(4, 8, 0, List.of(LoraOptions.ALL), false, true), false);
  }

  private static void compare(@Nullable LoraOptions adapter, boolean recompute) throws Exception {
    try (TensorSource source = TensorSource.open(model())) {
      Weights weights = Weights.of(ModelConfig.fromJson(folder), source);
      Map<String, float[]> exact = new LinkedHashMap<>();
      Map<String, float[]> recorded = new LinkedHashMap<>();
      Map<String, float[]> fused = new LinkedHashMap<>();
      double loss;
      try (AutogradModel model = AutogradModel.of(weights, DType.F32)) {
        loss = train(model, adapter, recompute, exact);
      }
      try (AutogradModel model = AutogradModel.recorded(weights, DType.BF16)) {
        train(model, adapter, recompute, recorded);
      }
      try (AutogradModel model = AutogradModel.of(weights, DType.BF16)) {
        assertThat(train(model, adapter, recompute, fused) / loss).isBetween(0.998, 1.002);
      }
      assertThat(fused.keySet()).isEqualTo(exact.keySet()).hasSizeGreaterThan(10);
      exact.forEach(
          (name, expected) ->
              assertThat(distance(fused.getOrDefault(name, new float[0]), expected))
                  .as("error of the gradient of %s", name)
                  .isLessThan(
                      0.01 + distance(recorded.getOrDefault(name, new float[0]), expected)));
    }
  }

  private static double train(
      AutogradModel model,
      @Nullable LoraOptions adapter,
      boolean recompute,
      Map<String, float[]> gradients) {
    model.requiresGrad(adapter == null);
    Map<String, Tensor> parameters = model.parameters();
    if (adapter != null) {
      Lora lora = Lora.on(model, adapter, new Randomness(3));
      parameters = lora.parameters();
      // B begins at zero, and A would have no gradient
      parameters.forEach(
          (name, p) -> {
            if (name.contains("lora_B")) {
              float[] b = random(new Random(name.hashCode()), (int) p.numel(), 0.1f);
              io.otium.core.tensor.Autograd.noGrad(
                  () -> p.flatten().copyFrom(Tensor.of(b).to(model.type())));
            }
          });
    }
    var loss = new ChunkedLoss(model, recompute);
    double sum = 0;
    for (int[] lengths : LENGTHS) {
      var random = new Random(lengths.length);
      List<int[]> sequences =
          java.util.Arrays.stream(lengths)
              .mapToObj(n -> random.ints(n, 0, model.config().vocabulary()).toArray())
              .toList();
      sum += loss.backward(TokenBatch.of(sequences), 0.01);
    }
    parameters.forEach(
        (name, p) -> {
          if (p.hasGrad()) gradients.put(name, p.grad().toFloats());
        });
    return sum;
  }

  /** Relative to the expected one's length. */
  private static double distance(float[] actual, float[] expected) {
    double noise = 0;
    double signal = 0;
    for (int i = 0; i < expected.length; i++) {
      noise += Math.pow(actual[i] - expected[i], 2);
      signal += Math.pow(expected[i], 2);
    }
    return Math.sqrt(noise / signal);
  }

  /** A Qwen2 (it has biases) with three query heads to a key and value head. */
  private static Path model() throws Exception {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 96,
         "intermediate_size": 160, "num_hidden_layers": 2, "num_attention_heads": 6,
         "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 512,
         "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "vocab_size": 100, "hidden_act": "silu",
         "tie_word_embeddings": true}
        """);
    var random = new Random(7);
    var writer = new SafetensorsWriter();
    add(writer, random, "model.embed_tokens.weight", 100, 96);
    for (int l = 0; l < 2; l++) {
      String layer = "model.layers." + l + ".";
      add(writer, random, layer + "input_layernorm.weight", 96);
      add(writer, random, layer + "post_attention_layernorm.weight", 96);
      add(writer, random, layer + "self_attn.q_proj.weight", 192, 96);
      add(writer, random, layer + "self_attn.q_proj.bias", 192);
      for (String which : List.of("k", "v")) {
        add(writer, random, layer + "self_attn." + which + "_proj.weight", 64, 96);
        add(writer, random, layer + "self_attn." + which + "_proj.bias", 64);
      }
      add(writer, random, layer + "self_attn.o_proj.weight", 96, 192);
      add(writer, random, layer + "mlp.gate_proj.weight", 160, 96);
      add(writer, random, layer + "mlp.up_proj.weight", 160, 96);
      add(writer, random, layer + "mlp.down_proj.weight", 96, 160);
    }
    add(writer, random, "model.norm.weight", 96);
    writer.write(folder.resolve("model.safetensors"));
    return folder;
  }

  /** Exact in bf16, so that both models begin with the same numbers. */
  private static void add(SafetensorsWriter writer, Random random, String name, long... shape) {
    int n = 1;
    for (long size : shape) n *= (int) size;
    float[] numbers = random(random, n, shape.length == 1 ? 0.3f : 0.2f);
    if (name.contains("norm")) for (int i = 0; i < n; i++) numbers[i] += 1;
    for (int i = 0; i < n; i++) {
      numbers[i] = Float.intBitsToFloat(Float.floatToRawIntBits(numbers[i]) & 0xFFFF0000);
    }
    writer.tensor(TensorData.of(name, shape, numbers));
  }

  private static float[] random(Random random, int n, float size) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) numbers[i] = (float) random.nextGaussian() * size;
    return numbers;
  }
}
