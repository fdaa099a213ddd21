package io.otium.lm.engine;

import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.engine.kernel.TilePacker;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.WeightTensor;
import io.otium.lm.model.Weights;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model's weights as the engine multiplies them: queries, keys and values in one matrix, gates
 * and ups in another.
 *
 * @param embedding {@code [vocabulary, width]}; the same matrix as the output where they are tied
 * @param positions learned positions {@code [context, width]}, or null
 */
record EngineWeights(
    TileMatrix embedding,
    float @Nullable [] positions,
    List<Layer> layers,
    Scale finalNorm,
    Linear output,
    long bytes,
    Wideness wideness) {

  /** From so many rows on, each worker takes some of the rows of a wide product. */
  static final int ROWS_EACH = 24;

  /** From how many rows on wide kernels are used; they come some time after loading. */
  static final class Wideness {
    private volatile int from = Integer.MAX_VALUE;

    void from(int rows) {
      from = rows;
    }
  }

  /** Factors (and offsets) of a norm, {@code [width]}. */
  record Scale(float[] weight, float[] bias) {}

  record Layer(
      Scale attentionNorm,
      Linear qkv,
      float @Nullable [] qNorm,
      float @Nullable [] kNorm,
      Linear o,
      Scale mlpNorm,
      Linear gateUp,
      Linear down) {}

  /** From how many rows on the wide kernels are used, if they are there. */
  int wideFrom() {
    return wideness.from;
  }

  Stream<Linear> linears() {
    return Stream.concat(
        layers.stream().flatMap(l -> Stream.of(l.qkv(), l.o(), l.gateUp(), l.down())),
        Stream.of(output));
  }

  /** Reads and packs every weight; {@code arena} owns the memory. */
  static EngineWeights pack(Weights from, Precision precision, Arena arena) {
    return load(from, precision, new TileStore(arena, null, ""));
  }

  /** Takes every matrix from the store, which packs what it does not have. */
  static EngineWeights load(Weights from, Precision precision, TileStore store) {
    return new Packing(from.config(), precision, store).all(from);
  }

  private static final class Packing {
    private final ModelConfig c;
    private Precision precision;
    private final TileStore store;
    private long bytes;

    Packing(ModelConfig config, Precision precision, TileStore store) {
      this.c = config;
      this.precision = precision;
      this.store = store;
    }

    EngineWeights all(Weights w) {
      if (!c.preNorm() || !c.causal() || w.output() == null) {
        throw new IllegalArgumentException(
            "the engine generates with decoders that normalise before each block, not with "
                + c.architecture().id());
      }
      List<Layer> layers = new ArrayList<>();
      for (Weights.Layer layer : w.layers()) {
        layers.add(
            new Layer(
                scale(layer.attentionNorm()),
                linear(layer.q(), layer.k(), layer.v()),
                layer.qNorm() == null ? null : layer.qNorm().floats(),
                layer.kNorm() == null ? null : layer.kNorm().floats(),
                linear(layer.o()),
                scale(layer.mlpNorm()),
                layer.gate() == null ? linear(layer.up()) : linear(layer.gate(), layer.up()),
                linear(layer.down())));
      }
      // 4 bits cost the logits more than the layers, and save least here
      if (precision == Precision.INT4) precision = Precision.INT8;
      Linear output = linear(new Weights.Affine(w.output(), null));
      TileMatrix embedding =
          c.tiedEmbeddings()
              ? output.tiles()
              : linear(new Weights.Affine(w.tokenEmbedding(), null)).tiles();
      float[] positions = w.positionEmbedding() == null ? null : w.positionEmbedding().floats();
      if (w.finalNorm() == null) throw new IllegalArgumentException("the model has no final norm");
      Scale finalNorm = scale(w.finalNorm());
      return new EngineWeights(
          embedding, positions, List.copyOf(layers), finalNorm, output, bytes, new Wideness());
    }

    private Scale scale(Weights.Affine norm) {
      float[] bias = norm.bias() == null ? new float[norm.weight().rows()] : norm.bias().floats();
      return new Scale(norm.weight().floats(), bias);
    }

    /** Several products of the same input as one. */
    private Linear linear(Weights.Affine... parts) {
      int inputs = parts[0].weight().columns();
      int outputs = 0;
      boolean hasBias = false;
      for (Weights.Affine part : parts) {
        outputs += part.weight().rows();
        hasBias |= part.bias() != null;
      }
      long size = TileMatrix.bytes(precision, outputs, inputs);
      bytes += size;
      TileMatrix tiles = store.next(precision, outputs, inputs, rowsOf(parts));
      float[] bias = null;
      if (hasBias) {
        bias = new float[outputs];
        int at = 0;
        for (Weights.Affine part : parts) {
          WeightTensor b = part.bias();
          if (b != null) b.read(0, b.rows(), bias, at);
          at += part.weight().rows();
        }
      }
      return new Linear(tiles, bias);
    }

    private static TilePacker.Rows rowsOf(Weights.Affine... parts) {
      return (output, out, at) -> {
        int row = output;
        for (Weights.Affine part : parts) {
          if (row < part.weight().rows()) {
            part.weight().read(row, 1, out, at);
            return;
          }
          row -= part.weight().rows();
        }
      };
    }
  }
}
