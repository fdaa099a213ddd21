package io.otium.lm.model;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.ModelConfig.Norm;
import io.otium.lm.model.Weights.Affine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The transformer with gradients, on libtorch: what training runs, beside the engine that generates
 * from the same weights ({@link LiveWeights}). Sequences are packed one behind the other, so that
 * no padding is computed; attention stays within each.
 *
 * <p>Parameters have Hugging Face's names for Llama's architecture, whatever the family. They are
 * outside all scopes and live until {@link #close}.
 */
public final class AutogradModel implements AutoCloseable {
  /** Rows of a weight converted at a time. */
  private static final int CHUNK = 1 << 20;

  private static final int MASKS = 8;

  private static final float[] NO_TABLE = {};

  private record Scale(Tensor weight, @Nullable Tensor bias) {}

  private record Block(
      Scale attentionNorm,
      Projection q,
      Projection k,
      Projection v,
      @Nullable Tensor qNorm,
      @Nullable Tensor kNorm,
      Projection o,
      Scale mlpNorm,
      @Nullable Projection gate,
      Projection up,
      Projection down,
      @Nullable FusedBlock fused) {
    Stream<Projection> projections() {
      return Stream.of(q, k, v, o, gate, up, down).filter(p -> p != null);
    }
  }

  private final ModelConfig c;
  private final DType type;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Tensor embedding;
  private final @Nullable Tensor positions;
  private final List<Block> blocks = new ArrayList<>();
  private final Scale finalNorm;
  private final Tensor output;
  private @Nullable Embedded embedded;

  /** Whether blocks are {@link FusedBlock}s. */
  private final boolean fused;

  /** Causal masks {@code [length, length]}, the last few lengths'. */
  private final Map<Integer, Tensor> masks =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Tensor> eldest) {
          if (size() <= MASKS) return false;
          eldest.getValue().close();
          return true;
        }
      };

  private AutogradModel(Weights w, DType type, boolean fuse) {
    this.c = w.config();
    this.type = type;
    if (!c.preNorm() || !c.causal() || w.output() == null || w.finalNorm() == null) {
      throw new IllegalArgumentException(
          "training is for decoders that normalise before each block, not for "
              + c.architecture().id());
    }
    embedding = parameter("model.embed_tokens.weight", w.tokenEmbedding());
    positions =
        w.positionEmbedding() == null
            ? null
            : parameter("model.embed_positions.weight", w.positionEmbedding());
    CausalAttention attention =
        fuse && FusedBlock.fits(c, w, type)
            ? new CausalAttention(c.queryHeads(), c.kvHeads(), c.headDim())
            : null;
    fused = attention != null;
    for (int l = 0; l < c.layers(); l++) {
      blocks.add(block("model.layers." + l + ".", w.layer(l), attention));
    }
    finalNorm = scale("model.norm", w.finalNorm());
    output = c.tiedEmbeddings() ? embedding : parameter("lm_head.weight", w.output());
  }

  /**
   * Copies a model's weights.
   *
   * @param type F32, or BF16 for half the memory
   */
  public static AutogradModel of(Weights weights, DType type) {
    return new AutogradModel(weights, type, true);
  }

  /** The same with blocks whose way back libtorch records, whatever they are. */
  static AutogradModel recorded(Weights weights, DType type) {
    return new AutogradModel(weights, type, false);
  }

  private Block block(String prefix, Weights.Layer layer, @Nullable CausalAttention attention) {
    String self = prefix + "self_attn.";
    String mlp = prefix + "mlp.";
    Scale attentionNorm = scale(prefix + "input_layernorm", layer.attentionNorm());
    StackedProducts qkv = stack(attention, layer.q(), layer.k(), layer.v());
    Projection q = projection(self + "q_proj", layer.q(), qkv);
    Projection k = projection(self + "k_proj", layer.k(), qkv);
    Projection v = projection(self + "v_proj", layer.v(), qkv);
    Tensor qNorm = layer.qNorm() == null ? null : parameter(self + "q_norm.weight", layer.qNorm());
    Tensor kNorm = layer.kNorm() == null ? null : parameter(self + "k_norm.weight", layer.kNorm());
    StackedProducts stackO = stack(attention, layer.o());
    Projection o = projection(self + "o_proj", layer.o(), stackO);
    Scale mlpNorm = scale(prefix + "post_attention_layernorm", layer.mlpNorm());
    Affine gates = layer.gate();
    StackedProducts gateUp = gates == null ? null : stack(attention, gates, layer.up());
    Projection gate = gates == null ? null : projection(mlp + "gate_proj", gates, gateUp);
    Projection up = projection(mlp + "up_proj", layer.up(), gateUp);
    StackedProducts stackDown = stack(attention, layer.down());
    Projection down = projection(mlp + "down_proj", layer.down(), stackDown);
    FusedBlock fused =
        attention == null || qkv == null || stackO == null || gateUp == null || stackDown == null
            ? null
            : new FusedBlock(
                c.normEps(),
                attentionNorm.weight(),
                qkv,
                attention,
                stackO,
                mlpNorm.weight(),
                gateUp,
                stackDown);
    return new Block(attentionNorm, q, k, v, qNorm, kNorm, o, mlpNorm, gate, up, down, fused);
  }

  /** Room for products of the same input, where blocks are fused. */
  private @Nullable StackedProducts stack(@Nullable CausalAttention attention, Affine... products) {
    if (attention == null) return null;
    int outputs = 0;
    boolean bias = false;
    for (Affine product : products) {
      outputs += product.weight().rows();
      bias |= product.bias() != null;
    }
    return new StackedProducts(type, outputs, products[0].weight().columns(), bias);
  }

  private Projection projection(String name, Affine affine, @Nullable StackedProducts in) {
    if (in == null) {
      return new Projection(
          name, parameter(name + ".weight", affine.weight()), bias(name, affine.bias()));
    }
    int rows = affine.weight().rows();
    WeightTensor bias = affine.bias();
    var projection =
        new Projection(
            name,
            parameter(name + ".weight", affine.weight(), in.nextWeight(rows)),
            bias == null ? null : parameter(name + ".bias", bias, in.nextBias(rows)));
    in.add(projection);
    return projection;
  }

  private Scale scale(String name, Affine affine) {
    return new Scale(parameter(name + ".weight", affine.weight()), bias(name, affine.bias()));
  }

  private @Nullable Tensor bias(String name, @Nullable WeightTensor bias) {
    return bias == null ? null : parameter(name + ".bias", bias);
  }

  private Tensor parameter(String name, WeightTensor stored) {
    boolean vector = stored.columns() == 1;
    long[] shape =
        vector ? new long[] {stored.rows()} : new long[] {stored.rows(), stored.columns()};
    return parameter(name, stored, Tensor.empty(type, shape).keep());
  }

  /** Reads a weight into a tensor, which becomes the parameter. */
  private Tensor parameter(String name, WeightTensor stored, Tensor tensor) {
    int step = Math.max(1, CHUNK / stored.columns());
    float[] floats = new float[Math.min(step, stored.rows()) * stored.columns()];
    for (int row = 0; row < stored.rows(); row += step) {
      int count = Math.min(step, stored.rows() - row);
      int n = count * stored.columns();
      stored.read(row, count, floats, 0);
      try (var _ = new Scope()) {
        Tensor part = Tensor.of(n == floats.length ? floats : Arrays.copyOf(floats, n));
        tensor.narrow(0, row, count).flatten().copyFrom(part);
      }
    }
    parameters.put(name, tensor);
    return tensor;
  }

  public ModelConfig config() {
    return c;
  }

  /** What the parameters are kept in. */
  public DType type() {
    return type;
  }

  /** By name, in the order of the forward pass; the output only where it is not tied. */
  public Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Every product of the blocks, in the order of the forward pass. */
  public List<Projection> projections() {
    return blocks.stream().flatMap(Block::projections).toList();
  }

  /** The output's matrix {@code [vocabulary, width]}; the embedding's where they are tied. */
  public Tensor output() {
    return output;
  }

  /** Whether gradients are wanted of all parameters, or of none. */
  public void requiresGrad(boolean requires) {
    for (Tensor parameter : parameters.values()) parameter.requiresGrad(requires);
  }

  /**
   * Hidden states after the last norm.
   *
   * @return {@code [tokens, width]}
   */
  public Tensor hidden(TokenBatch batch) {
    return hidden(batch, UnaryOperator.identity());
  }

  /**
   * The same with something done to the embedded tokens first.
   *
   * @param embedded from and to {@code [tokens, width]}
   */
  public Tensor hidden(TokenBatch batch, UnaryOperator<Tensor> embedded) {
    Tensor x = embedded.apply(embed(batch));
    Layout layout = layout(batch);
    for (int l = 0; l < blocks.size(); l++) x = block(l, x, layout);
    return norm(x, finalNorm);
  }

  /**
   * Logits of the token after each: {@code [tokens, vocabulary]}. Takes 4 bytes for each number,
   * and as much again for gradients: see {@link ChunkedLoss}.
   */
  public Tensor logits(TokenBatch batch) {
    return logits(hidden(batch));
  }

  /** Logits of hidden states {@code [rows, width]}: {@code [rows, vocabulary]}. */
  public Tensor logits(Tensor hidden) {
    Tensor logits = Functional.linear(hidden, output, null);
    return c.logitScale() == 1 ? logits : logits.mul(c.logitScale());
  }

  /**
   * Where a batch's sequences lie, and its rotary tables.
   *
   * @param cos {@code [tokens, 1, headDim / 2]}; null for learned positions, and in fused blocks
   * @param table {@code [tokens, headDim]}: half cosines, then half sines; of fused blocks
   */
  record Layout(int[] starts, @Nullable Tensor cos, @Nullable Tensor sin, float[] table) {
    int sequences() {
      return starts.length - 1;
    }

    /** The length of all sequences, or −1 if they differ. */
    int evenly() {
      int length = starts[1];
      for (int i = 0; i < sequences(); i++) {
        if (starts[i + 1] - starts[i] != length) return -1;
      }
      return length;
    }
  }

  /** Changes a batch's embedded tokens. */
  @FunctionalInterface
  public interface Embedded {
    /**
     * @param x {@code [tokens, width]}, before positions are added
     * @return in place of it
     */
    Tensor apply(TokenBatch batch, Tensor x);
  }

  /** Has embedded tokens changed before the blocks see them; null for no more. */
  public void embedded(@Nullable Embedded change) {
    embedded = change;
  }

  /** {@code [vocabulary, width]} */
  public Tensor embedding() {
    return embedding;
  }

  Tensor embed(TokenBatch batch) {
    Tensor x = Functional.embedding(Tensor.of(batch.tokens()), embedding);
    Embedded change = embedded;
    if (change != null) x = change.apply(batch, x);
    return positions == null
        ? x
        : x.add(Functional.embedding(Tensor.of(batch.positions()), positions));
  }

  Layout layout(TokenBatch batch) {
    Rope rope = c.rope();
    if (rope == null) return new Layout(batch.starts(), null, null, NO_TABLE);
    float[] frequencies = rope.inverseFrequencies(c.headDim());
    int half = frequencies.length;
    int tokens = batch.tokens().length;
    float[] table = new float[tokens * 2 * half];
    for (int t = 0; t < tokens; t++) {
      rope.angles(batch.positions()[t], frequencies, table, 2 * t * half);
    }
    if (fused) return new Layout(batch.starts(), null, null, table);
    Tensor angles = Tensor.of(table, tokens, 1, 2L * half).to(type);
    return new Layout(
        batch.starts(), angles.narrow(2, 0, half), angles.narrow(2, half, half), NO_TABLE);
  }

  int layers() {
    return blocks.size();
  }

  /** One block: {@code [tokens, width]} to {@code [tokens, width]}. */
  Tensor block(int l, Tensor x, Layout layout) {
    Block block = blocks.get(l);
    if (block.fused() != null) return block.fused().apply(x, layout);
    Tensor mixed = x.add(attention(norm(x, block.attentionNorm()), block, layout));
    return mixed.add(mlp(norm(mixed, block.mlpNorm()), block));
  }

  Tensor lastNorm(Tensor x) {
    return norm(x, finalNorm);
  }

  private Tensor attention(Tensor x, Block block, Layout layout) {
    long tokens = x.size(0);
    Tensor q = heads(block.q().apply(x), c.queryHeads(), tokens, block.qNorm(), layout);
    Tensor k = heads(block.k().apply(x), c.kvHeads(), tokens, block.kNorm(), layout);
    Tensor v = block.v().apply(x).view(tokens, c.kvHeads(), c.headDim());
    int even = layout.evenly();
    Tensor mixed;
    if (even >= 0) {
      mixed = attend(q, k, v, layout.sequences(), even);
    } else {
      List<Tensor> parts = new ArrayList<>();
      for (int s = 0; s < layout.sequences(); s++) {
        int from = layout.starts()[s];
        int n = layout.starts()[s + 1] - from;
        parts.add(attend(q.narrow(0, from, n), k.narrow(0, from, n), v.narrow(0, from, n), 1, n));
      }
      mixed = Tensor.cat(parts, 0);
    }
    return block.o().apply(mixed);
  }

  /**
   * Heads of {@code [tokens, heads · headDim]}, normalised and rotated: {@code [tokens, heads,
   * headDim]}.
   */
  private Tensor heads(Tensor x, int heads, long tokens, @Nullable Tensor norm, Layout layout) {
    Tensor y = x.view(tokens, heads, c.headDim());
    if (norm != null) y = Functional.rmsNorm(y, norm, c.normEps());
    if (layout.cos() == null || layout.sin() == null) return y;
    int half = c.headDim() / 2;
    Tensor first = y.narrow(2, 0, half);
    Tensor second = y.narrow(2, half, half);
    return Tensor.cat(
        List.of(
            first.mul(layout.cos()).sub(second.mul(layout.sin())),
            second.mul(layout.cos()).add(first.mul(layout.sin()))),
        2);
  }

  /**
   * Causal attention of sequences of the same length: {@code [tokens, queryWidth]}. Composed of
   * products: libtorch's fused attention took 10 to 20 times as long here, forth and back (built
   * without MKL). The query heads that share a key/value head stand one below the other, so that
   * nothing is repeated.
   *
   * @param q {@code [tokens, queryHeads, headDim]}
   * @param k {@code [tokens, kvHeads, headDim]}
   * @param v {@code [tokens, kvHeads, headDim]}
   */
  private Tensor attend(Tensor q, Tensor k, Tensor v, int sequences, int length) {
    int kv = c.kvHeads();
    int dim = c.headDim();
    long group = c.queryHeads() / kv;
    Tensor queries =
        q.mul(1 / Math.sqrt(dim))
            .view(sequences, length, kv, group, dim)
            .permute(0, 2, 3, 1, 4)
            .reshape(sequences, kv, group * length, dim);
    Tensor keys = k.view(sequences, length, kv, dim).permute(0, 2, 3, 1);
    Tensor values = v.view(sequences, length, kv, dim).transpose(1, 2);
    Tensor scores = queries.matmul(keys).view(sequences, kv, group, length, length);
    Tensor weights =
        scores.add(mask(length)).softmax(-1).view(sequences, kv, group * length, length);
    return weights
        .matmul(values)
        .view(sequences, kv, group, length, dim)
        .permute(0, 3, 1, 2, 4)
        .reshape((long) sequences * length, c.queryWidth());
  }

  /** Added to scores: nobody sees what comes later. */
  private Tensor mask(int length) {
    return masks.computeIfAbsent(
        length,
        n ->
            Autograd.noGrad(
                () -> Tensor.full(Double.NEGATIVE_INFINITY, type, n, n).triu(1).keep()));
  }

  private Tensor mlp(Tensor x, Block block) {
    Tensor up = block.up().apply(x);
    Projection gate = block.gate();
    Tensor h = gate == null ? activate(up) : activate(gate.apply(x)).mul(up);
    return block.down().apply(h);
  }

  private Tensor activate(Tensor x) {
    return switch (c.activation()) {
      case SILU -> x.silu();
      case GELU -> x.gelu();
      case GELU_TANH -> x.geluTanh();
      case RELU -> x.relu();
    };
  }

  private Tensor norm(Tensor x, Scale scale) {
    if (c.norm() == Norm.RMS) return Functional.rmsNorm(x, scale.weight(), c.normEps());
    return Functional.layerNorm(x, scale.weight(), scale.bias(), c.normEps());
  }

  @Override
  public void close() {
    for (Tensor parameter : parameters.values()) parameter.close();
    for (Tensor mask : masks.values()) mask.close();
    for (Block block : blocks) if (block.fused() != null) block.fused().close();
  }
}
