package io.otium.lm.model;

import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig.Norm;
import io.otium.lm.model.TensorNames.Place;
import io.otium.lm.model.TensorNames.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model's weights by what they are, whatever file they come from. Nothing is read until asked
 * for; the source must stay open as long.
 *
 * @param tokenEmbedding {@code [vocabulary, width]}
 * @param positionEmbedding {@code [context, width]}; null for rotary positions
 * @param typeEmbedding {@code [tokenTypes, width]}; null where there is none
 * @param embeddingNorm over the sum of the embeddings (BERT); null where there is none
 * @param finalNorm after the last block; null where blocks normalise their output
 * @param output {@code [vocabulary, width]}, the token embedding itself if tied; null for encoders
 * @param parameters number of weights, tied ones once
 * @param prompt stands before every sequence; null for none
 */
public record Weights(
    ModelConfig config,
    WeightTensor tokenEmbedding,
    @Nullable WeightTensor positionEmbedding,
    @Nullable WeightTensor typeEmbedding,
    @Nullable Affine embeddingNorm,
    List<Layer> layers,
    @Nullable Affine finalNorm,
    @Nullable WeightTensor output,
    long parameters,
    @Nullable SoftPrompt prompt) {

  /**
   * A product's matrix {@code [out, in]} or a norm's factors {@code [width]}, and what is added
   * after.
   *
   * @param bias {@code [out]}; null for none
   */
  public record Affine(WeightTensor weight, @Nullable WeightTensor bias) {}

  /**
   * One block. Norms come before attention and MLP, or after each sum if the configuration says so.
   *
   * @param q {@code [queryHeads · headDim, width]}
   * @param k {@code [kvHeads · headDim, width]}
   * @param v {@code [kvHeads · headDim, width]}
   * @param qNorm over each query head, {@code [headDim]}; null where there is none
   * @param kNorm over each key head, {@code [headDim]}; null where there is none
   * @param o {@code [width, queryHeads · headDim]}
   * @param gate {@code [mlpWidth, width]}; null where the MLP is plain
   * @param up {@code [mlpWidth, width]}
   * @param down {@code [width, mlpWidth]}
   */
  public record Layer(
      Affine attentionNorm,
      Affine q,
      Affine k,
      Affine v,
      @Nullable WeightTensor qNorm,
      @Nullable WeightTensor kNorm,
      Affine o,
      Affine mlpNorm,
      @Nullable Affine gate,
      Affine up,
      Affine down) {}

  /** The matrices of the blocks' products. */
  public Stream<WeightTensor> linears() {
    return layers.stream()
        .flatMap(l -> Stream.of(l.q(), l.k(), l.v(), l.o(), l.gate(), l.up(), l.down()))
        .filter(product -> product != null)
        .map(Affine::weight);
  }

  public Layer layer(int index) {
    return layers.get(index);
  }

  /**
   * Finds every weight of the model in the source and checks its shape.
   *
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static Weights of(ModelConfig config, TensorSource source) {
    return new Finder(config, source).all();
  }

  /**
   * The same weights with adapters' updates added to the products of the blocks.
   *
   * @param updates by the product's name, e.g. {@code model.layers.3.self_attn.q_proj}
   * @throws IllegalArgumentException if one is for no product of this model
   */
  public Weights with(Map<String, ? extends RowUpdate> updates) {
    Set<String> left = new TreeSet<>(updates.keySet());
    List<Layer> adapted = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      String attention = "model.layers." + l + ".self_attn.";
      String mlp = "model.layers." + l + ".mlp.";
      Affine gate = layer.gate();
      adapted.add(
          new Layer(
              layer.attentionNorm(),
              with(layer.q(), attention + "q_proj", updates, left),
              with(layer.k(), attention + "k_proj", updates, left),
              with(layer.v(), attention + "v_proj", updates, left),
              layer.qNorm(),
              layer.kNorm(),
              with(layer.o(), attention + "o_proj", updates, left),
              layer.mlpNorm(),
              gate == null ? null : with(gate, mlp + "gate_proj", updates, left),
              with(layer.up(), mlp + "up_proj", updates, left),
              with(layer.down(), mlp + "down_proj", updates, left)));
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "the adapter changes %s, which this model has not".formatted(left.iterator().next()));
    }
    return new Weights(
        config,
        tokenEmbedding,
        positionEmbedding,
        typeEmbedding,
        embeddingNorm,
        List.copyOf(adapted),
        finalNorm,
        output,
        parameters,
        prompt);
  }

  /**
   * The same weights with something before every sequence.
   *
   * @throws IllegalArgumentException if it is of another width
   */
  public Weights behind(SoftPrompt added) {
    long due = (long) added.length() * added.widthFor(config);
    if (added.rows().length != due || added.length() < 1 || added.length() >= config.context()) {
      throw new IllegalArgumentException(
          "the soft prompt has %,d numbers in %,d positions; this model takes %,d a position, and"
                  .formatted(added.rows().length, added.length(), added.widthFor(config))
              + " fewer than %,d positions".formatted(config.context()));
    }
    return new Weights(
        config,
        tokenEmbedding,
        positionEmbedding,
        typeEmbedding,
        embeddingNorm,
        layers,
        finalNorm,
        output,
        parameters,
        added);
  }

  private static Affine with(
      Affine product, String name, Map<String, ? extends RowUpdate> updates, Set<String> left) {
    RowUpdate update = updates.get(name);
    if (update == null) return product;
    left.remove(name);
    return new Affine(product.weight().with(update), product.bias());
  }

  private static final class Finder {
    private final ModelConfig c;
    private final TensorSource source;
    private final TensorNames names;
    private long parameters;

    Finder(ModelConfig config, TensorSource source) {
      this.c = config;
      this.source = source;
      this.names = TensorNames.of(config.architecture(), source.names());
    }

    Weights all() {
      boolean normBias = c.norm() == Norm.LAYER;
      WeightTensor tokens = matrix(Role.TOKENS, -1, c.vocabulary(), c.width());
      WeightTensor positions =
          c.rope() == null ? matrix(Role.POSITIONS, -1, c.context(), c.width()) : null;
      WeightTensor types =
          c.tokenTypes() > 0 ? matrix(Role.TYPES, -1, c.tokenTypes(), c.width()) : null;
      Affine embeddingNorm = c.preNorm() ? null : norm(Role.EMBEDDING_NORM, -1, normBias);
      List<Layer> layers = new ArrayList<>();
      for (int layer = 0; layer < c.layers(); layer++) {
        layers.add(layer(layer, normBias));
      }
      Affine finalNorm = c.preNorm() ? norm(Role.FINAL_NORM, -1, normBias) : null;
      WeightTensor output =
          !c.causal()
              ? null
              : c.tiedEmbeddings() ? tokens : matrix(Role.OUTPUT, -1, c.vocabulary(), c.width());
      return new Weights(
          c,
          tokens,
          positions,
          types,
          embeddingNorm,
          List.copyOf(layers),
          finalNorm,
          output,
          parameters,
          null);
    }

    private Layer layer(int layer, boolean normBias) {
      return new Layer(
          norm(Role.ATTENTION_NORM, layer, normBias),
          product(Role.Q, layer, c.queryWidth(), c.width(), c.qkvBias()),
          product(Role.K, layer, c.kvWidth(), c.width(), c.qkvBias()),
          product(Role.V, layer, c.kvWidth(), c.width(), c.qkvBias()),
          c.qkNorm() ? vector(Role.Q_NORM, layer, ".weight", c.headDim()) : null,
          c.qkNorm() ? vector(Role.K_NORM, layer, ".weight", c.headDim()) : null,
          product(Role.O, layer, c.width(), c.queryWidth(), c.outputBias()),
          norm(Role.MLP_NORM, layer, normBias),
          c.gatedMlp() ? product(Role.GATE, layer, c.mlpWidth(), c.width(), c.mlpBias()) : null,
          product(Role.UP, layer, c.mlpWidth(), c.width(), c.mlpBias()),
          product(Role.DOWN, layer, c.width(), c.mlpWidth(), c.mlpBias()));
    }

    private Affine norm(Role role, int layer, boolean bias) {
      return new Affine(
          vector(role, layer, ".weight", c.width()),
          bias ? vector(role, layer, ".bias", c.width()) : null);
    }

    private Affine product(Role role, int layer, int rows, int columns, boolean bias) {
      return new Affine(
          matrix(role, layer, rows, columns), bias ? vector(role, layer, ".bias", rows) : null);
    }

    private WeightTensor matrix(Role role, int layer, int rows, int columns) {
      Place place = names.place(role);
      long allRows = (long) rows * place.parts();
      return find(
          role,
          layer,
          ".weight",
          rows,
          columns,
          place.transposed() ? new long[] {columns, allRows} : new long[] {allRows, columns},
          place.transposed());
    }

    private WeightTensor vector(Role role, int layer, String suffix, int size) {
      long all = (long) size * names.place(role).parts();
      return find(role, layer, suffix, size, 1, new long[] {all}, false);
    }

    private WeightTensor find(
        Role role,
        int layer,
        String suffix,
        int rows,
        int columns,
        long[] asked,
        boolean transposed) {
      Place place = names.place(role);
      String name = place.name(layer, suffix);
      String canonical = role.canonical(layer) + (suffix.equals(".bias") ? suffix : "");
      TensorData data = source.get(name);
      if (data == null) {
        throw new IllegalArgumentException(
            "the model has no tensor '" + name + "', its " + canonical);
      }
      if (!Arrays.equals(data.shape(), asked)) {
        throw new IllegalArgumentException(
            "tensor '%s' (%s) has shape %s; the model's configuration asks for %s"
                .formatted(name, canonical, Arrays.toString(data.shape()), Arrays.toString(asked)));
      }
      parameters += (long) rows * columns;
      boolean interleaved = names.interleavedHeads() && (role == Role.Q || role == Role.K);
      return new WeightTensor(
          canonical,
          data,
          rows,
          columns,
          place.part() * rows,
          transposed,
          interleaved ? c.headDim() : 0);
    }
  }
}
