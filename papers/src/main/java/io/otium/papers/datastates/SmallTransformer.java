package io.otium.papers.datastates;

import io.otium.core.checkpoint.LoadedCheckpoint;
import io.otium.core.checkpoint.StateTensor;
import io.otium.core.checkpoint.StateType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Losses;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A causal transformer with tied embeddings that learns a noisy successor function, with AdamW: the
 * training whose state is saved. Forward and backward pass, and update, are apart, as the barrier
 * needs them. Of 4 layers, width 384 and 2,048 tokens: 8 million parameters, 95 MB of state.
 */
final class SmallTransformer implements AutoCloseable {
  /** Sizes; the head size is 64. */
  record Size(int vocabulary, int width, int layers, int context) {
    static final Size EIGHT_MILLION = new Size(2048, 384, 4, 128);
  }

  private static final int HEAD = 64;
  private static final double LEARNING_RATE = 1e-3;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;
  private static final double WEIGHT_DECAY = 0.01;

  private final Size size;
  private final int batch;
  private final RandomStream data;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final Map<String, Tensor> m = new LinkedHashMap<>();
  private final Map<String, Tensor> v = new LinkedHashMap<>();
  private long step;

  SmallTransformer(Size size, int batch, long seed) {
    this.size = size;
    this.batch = batch;
    this.data = new RandomStream(seed);
    RandomStream init = new RandomStream(seed + 1);
    int width = size.width;
    add("embedding", init, size.vocabulary, width);
    add("positions", init, size.context, width);
    for (int layer = 0; layer < size.layers; layer++) {
      add(layer + ".qkv", init, 3L * width, width);
      add(layer + ".out", init, width, width);
      add(layer + ".up", init, 4L * width, width);
      add(layer + ".down", init, width, 4L * width);
    }
  }

  private void add(String name, RandomStream init, long... shape) {
    Tensor weight = Tensor.zeros(shape).keep();
    init.normalInPlace(weight, 0, 0.02);
    weights.put(name, weight.requiresGrad(true));
    m.put(name, Tensor.zeros(shape).keep());
    v.put(name, Tensor.zeros(shape).keep());
  }

  /** Bytes of parameters and moments. */
  long stateBytes() {
    return 3 * 4 * weights.values().stream().mapToLong(Tensor::numel).sum();
  }

  /** The next batch's loss; leaves the gradients. */
  double forwardBackward() {
    try (Scope scope = new Scope()) {
      Tensor tokens = nextBatch();
      Tensor logits = logits(tokens.narrow(1, 0, size.context));
      Tensor targets = tokens.narrow(1, 1, size.context).reshape(-1);
      Tensor loss = Losses.crossEntropy(logits.reshape(-1, size.vocabulary), targets);
      loss.backward();
      return loss.item();
    }
  }

  /** Texts in which the next token follows from the last, but for one in eight. */
  private Tensor nextBatch() {
    int length = size.context + 1;
    long[] tokens = new long[batch * length];
    for (int i = 0; i < tokens.length; i++) {
      boolean random = i % length == 0 || data.nextInt(8) == 0;
      tokens[i] =
          random ? data.nextInt(size.vocabulary) : (tokens[i - 1] * 5 + 7) % size.vocabulary;
    }
    return Tensor.of(tokens, batch, length);
  }

  /**
   * @param tokens {@code [batch, context]}
   * @return {@code [batch, context, vocabulary]}
   */
  private Tensor logits(Tensor tokens) {
    Tensor x = Functional.embedding(tokens, weight("embedding")).add(weight("positions"));
    for (int layer = 0; layer < size.layers; layer++) {
      x = x.add(attention(layer, Functional.rmsNorm(x, null, 1e-5)));
      Tensor up = Functional.linear(Functional.rmsNorm(x, null, 1e-5), weight(layer + ".up"), null);
      x = x.add(Functional.linear(up.gelu(), weight(layer + ".down"), null));
    }
    return Functional.linear(Functional.rmsNorm(x, null, 1e-5), weight("embedding"), null);
  }

  private Tensor attention(int layer, Tensor x) {
    long heads = size.width / HEAD;
    List<Tensor> qkv = new ArrayList<>();
    for (Tensor part : Functional.linear(x, weight(layer + ".qkv"), null).split(size.width, 2)) {
      qkv.add(part.reshape(batch, size.context, heads, HEAD).transpose(1, 2));
    }
    Tensor mixed =
        Functional.scaledDotProductAttention(qkv.get(0), qkv.get(1), qkv.get(2), null, true, null);
    Tensor joined = mixed.transpose(1, 2).reshape(batch, size.context, size.width);
    return Functional.linear(joined, weight(layer + ".out"), null);
  }

  private Tensor weight(String name) {
    return of(weights, name);
  }

  private static Tensor of(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return tensor;
  }

  /** AdamW, in place, with the gradients that are there; then forgets them. */
  void update() {
    step++;
    double correction1 = 1 - Math.pow(BETA1, step);
    double correction2 = Math.sqrt(1 - Math.pow(BETA2, step));
    try (NoGrad noGrad = new NoGrad()) {
      weights.forEach(
          (name, weight) -> {
            try (Scope scope = new Scope()) {
              Tensor gradient = weight.grad();
              Tensor first = of(m, name).mulInPlace(BETA1).addInPlace(gradient, 1 - BETA1);
              Tensor second =
                  of(v, name).mulInPlace(BETA2).addcmulInPlace(gradient, gradient, 1 - BETA2);
              Tensor scale = second.sqrt().divInPlace(correction2).addInPlace(EPSILON);
              weight
                  .mulInPlace(1 - LEARNING_RATE * WEIGHT_DECAY)
                  .addcdivInPlace(first, scale, -LEARNING_RATE / correction1);
            }
            weight.zeroGrad();
          });
    }
  }

  /** Everything that the next iteration depends on. */
  Map<String, Object> state() {
    Map<String, Object> optimizer = new LinkedHashMap<>();
    optimizer.put("m", tensors(m));
    optimizer.put("v", tensors(v));
    optimizer.put("step", step);
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("model", tensors(weights));
    state.put("optimizer", optimizer);
    state.put("data", data.state());
    return state;
  }

  private static Map<String, Object> tensors(Map<String, Tensor> tensors) {
    Map<String, Object> state = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          List<Long> shape = new ArrayList<>();
          for (long dimension : tensor.shape()) {
            shape.add(dimension);
          }
          state.put(name, StateTensor.of(StateType.F32, shape, tensor.segment()).ownedBy(tensor));
        });
    return state;
  }

  /** Goes back to where a checkpoint was saved. */
  void restore(LoadedCheckpoint checkpoint) {
    Map<?, ?> optimizer = map(checkpoint.state(), "optimizer");
    if (!(optimizer.get("step") instanceof Long saved)
        || !(checkpoint.state().get("data") instanceof byte[] stream)) {
      throw new IllegalArgumentException("not a state of this training");
    }
    restore(weights, map(checkpoint.state(), "model"));
    restore(m, map(optimizer, "m"));
    restore(v, map(optimizer, "v"));
    step = saved;
    data.restore(stream);
  }

  private static Map<?, ?> map(Map<?, ?> tree, String key) {
    if (tree.get(key) instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException("not a state of this training: no " + key);
  }

  private static void restore(Map<String, Tensor> tensors, Map<?, ?> saved) {
    tensors.forEach(
        (name, tensor) -> {
          if (saved.get(name) instanceof StateTensor from) {
            LoadedCheckpoint.copy(from, tensor.segment());
          }
        });
  }

  @Override
  public void close() {
    List.of(weights, m, v).forEach(tensors -> tensors.values().forEach(Tensor::close));
  }
}
