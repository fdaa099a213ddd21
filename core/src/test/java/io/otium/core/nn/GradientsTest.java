package io.otium.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Losses;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Reduction;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every layer's and every loss's gradients against finite differences. */
class GradientsTest {
  private final Randomness random = new Randomness(5);
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor randn(long... shape) {
    return random.stream("test").randn(shape);
  }

  private Tensor leaf(long... shape) {
    return randn(shape).to(DType.F64).requiresGrad(true);
  }

  @Test
  void linear() {
    Gradients.check(new Linear(4, 3, random), randn(2, 5, 4));
  }

  @Test
  void linearWithLora() {
    Linear linear = new Linear(4, 3, random);
    Lora lora = new Lora(linear, 2, 4, 0, random);
    linear.attach("lora", lora);
    linear.freeze("weight|bias");
    Init.normal(lora.tensor("b"), 1, random.stream("test"));
    Gradients.check(linear, randn(2, 4));
    assertThat(linear.trainable().keySet()).containsExactly("lora.a", "lora.b");
  }

  @Test
  void embeddingWithSoftPrompt() {
    Embedding embedding = new Embedding(7, 3, random);
    embedding.attach("prompt", new SoftPrompt(randn(2, 3)));
    embedding.to(DType.F64);
    Tensor ids = Tensor.of(new long[] {1, 6, 1, 0}, 2, 2);
    assertThat(embedding.forward(ids).shape()).containsExactly(2, 4, 3);
    Gradients.check(embedding.parameters(), () -> embedding.forward(ids));
  }

  @Test
  void norms() {
    Gradients.check(new LayerNorm(6), randn(3, 6));
    Gradients.check(new RmsNorm(6, 1e-6), randn(3, 6));
    Gradients.check(new BatchNorm(3), randn(5, 3));
    Gradients.check(new BatchNorm(3), randn(2, 3, 4, 4));
    BatchNorm used = new BatchNorm(3);
    used.eval();
    Gradients.check(used, randn(5, 3));
  }

  @Test
  void convolutionsAndPools() {
    Gradients.check(
        new Conv1d(4, 6, Convolution.of(3).padding(1).groups(2), random), randn(2, 4, 7));
    Gradients.check(new Conv2d(2, 3, Convolution.of(3).stride(2), random), randn(2, 2, 7, 7));
    Gradients.check(Layer.of(x -> Functional.maxPool2d(x, 2, 2, 0)), randn(1, 2, 6, 6));
    Gradients.check(Layer.of(x -> Functional.avgPool2d(x, 3, 1, 1)), randn(1, 2, 5, 5));
    Gradients.check(Layer.of(x -> Functional.avgPool1d(x, 2, 2, 0)), randn(1, 2, 6));
    Gradients.check(Layer.of(x -> Functional.maxPool1d(x, 2, 2, 0)), randn(1, 2, 6));
    Gradients.check(Layer.of(x -> Functional.adaptiveAvgPool2d(x, 2, 3)), randn(1, 2, 5, 5));
  }

  @Test
  void recurrentNetworks() {
    Gradients.check(new Gru(3, 4, 2, random), randn(2, 5, 3));
    Gradients.check(new Lstm(3, 4, 2, random), randn(2, 5, 3));
  }

  @Test
  void attention() {
    Gradients.check(new MultiHeadAttention(8, 2, false, random), randn(2, 5, 8));
    Gradients.check(new MultiHeadAttention(8, 4, 2, true, random), randn(2, 5, 8));
    MultiHeadAttention cross = new MultiHeadAttention(8, 2, false, random);
    cross.to(DType.F64);
    Tensor x = leaf(2, 3, 8);
    Tensor memory = leaf(2, 4, 8);
    Tensor mask = Tensor.of(new boolean[] {true, true, false, true}, 1, 1, 1, 4);
    Map<String, Tensor> leaves = new LinkedHashMap<>(cross.parameters());
    leaves.put("x", x);
    leaves.put("memory", memory);
    Gradients.check(leaves, () -> cross.forward(x, memory, mask));
  }

  @Test
  void networks() {
    for (Activation activation : Activation.values()) {
      Gradients.check(new Mlp(activation, random, 4, 6, 3), randn(3, 4));
    }
    Gradients.check(new Sequential(new Residual(new Linear(4, 4, random))), randn(3, 4));
    Gradients.check(new TransformerBlock(8, 2, true, random), randn(2, 4, 8));
    Gradients.check(new ResNet(3, 4, 1, 5, random), randn(3, 3, 8, 8));
    Gradients.check(new VisionTransformer(8, 4, 3, 8, 1, 2, 5, random), randn(2, 3, 8, 8));
  }

  @Test
  void encoderAndDecoder() {
    EncoderDecoder model = new EncoderDecoder(11, 8, 1, 2, 6, random);
    model.to(DType.F64);
    Tensor source = Tensor.of(new long[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor target = Tensor.of(new long[] {7, 8, 9, 10}, 2, 2);
    Gradients.check(model.parameters(), () -> model.forward(source, target));
  }

  @Test
  void losses() {
    Tensor classes = Tensor.of(new long[] {2, 0, Losses.IGNORED, 1});
    of(
        List.of(leaf(4, 3)),
        (x, y) -> Losses.crossEntropy(x, classes, null, Reduction.MEAN, Losses.IGNORED, 0.1));
    Tensor target = randn(4, 3).to(DType.F64);
    for (Reduction reduction : Reduction.values()) {
      of(List.of(leaf(4, 3)), (x, y) -> Losses.mse(x, target, reduction));
      of(List.of(leaf(4, 3)), (x, y) -> Losses.huber(x, target, reduction, 0.7));
      of(
          List.of(leaf(4, 3)),
          (x, y) -> Losses.binaryCrossEntropyWithLogits(x, target.sigmoid(), reduction));
      of(
          List.of(leaf(4, 3)),
          (x, y) -> Losses.klDiv(x.logSoftmax(1), target.logSoftmax(1), reduction, true));
    }
    of(List.of(leaf(4, 3), leaf(4, 3)), (x, y) -> Functional.cosineSimilarity(x, y, 1));
  }

  private static void of(List<Tensor> leaves, BinaryOperator<Tensor> loss) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (Tensor leaf : leaves) named.put("input" + named.size(), leaf);
    Gradients.check(named, () -> loss.apply(leaves.getFirst(), leaves.getLast()));
  }
}
