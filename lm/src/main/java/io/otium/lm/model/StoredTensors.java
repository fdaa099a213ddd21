package io.otium.lm.model;

import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorNumbers;
import io.otium.lm.model.TensorNames.Place;
import io.otium.lm.model.TensorNames.Role;
import io.otium.lm.model.Weights.Affine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model's weights as the tensors of a file: under the file's names, fused, transposed and with
 * alternating heads where its readers expect that. What adapters add is in them. Nothing is read
 * before the tensors are written.
 */
public final class StoredTensors {
  private final ModelConfig config;
  private final TensorNames names;
  private final Map<String, Fused> tensors = new LinkedHashMap<>();

  private StoredTensors(Weights weights, TensorNames names) {
    this.config = weights.config();
    this.names = names;
    add(Role.TOKENS, -1, weights.tokenEmbedding());
    add(Role.POSITIONS, -1, weights.positionEmbedding());
    for (int l = 0; l < weights.layers().size(); l++) add(l, weights.layer(l));
    add(Role.FINAL_NORM, -1, weights.finalNorm());
    if (!config.tiedEmbeddings()) add(Role.OUTPUT, -1, weights.output());
  }

  /**
   * As transformers' class for causal language modelling names and shapes them.
   *
   * @throws IllegalArgumentException for an encoder
   */
  public static List<TensorNumbers> huggingFace(Weights weights) {
    requireDecoder(weights);
    TensorNames names = TensorNames.huggingFace(weights.config().architecture());
    return List.copyOf(new StoredTensors(weights, names).tensors.values());
  }

  /**
   * As llama.cpp names and shapes them.
   *
   * @throws IllegalArgumentException for an encoder
   */
  public static List<TensorNumbers> gguf(Weights weights) {
    requireDecoder(weights);
    ModelConfig config = weights.config();
    var stored = new StoredTensors(weights, TensorNames.gguf(config.architecture()));
    List<TensorNumbers> all = new ArrayList<>(stored.tensors.values());
    float[] factors = GgufMetadata.ropeFactors(config);
    if (factors != null) {
      all.add(TensorData.of("rope_freqs.weight", new long[] {factors.length}, factors));
    }
    return List.copyOf(all);
  }

  private static void requireDecoder(Weights weights) {
    ModelConfig config = weights.config();
    if (!config.causal() || !config.preNorm()) {
      throw new IllegalArgumentException(
          "the model is an encoder (%s); only models that write can be exported"
              .formatted(config.architecture().id()));
    }
  }

  private void add(int l, Weights.Layer layer) {
    add(Role.ATTENTION_NORM, l, layer.attentionNorm());
    add(Role.Q, l, layer.q());
    add(Role.K, l, layer.k());
    add(Role.V, l, layer.v());
    add(Role.Q_NORM, l, layer.qNorm());
    add(Role.K_NORM, l, layer.kNorm());
    add(Role.O, l, layer.o());
    add(Role.MLP_NORM, l, layer.mlpNorm());
    add(Role.GATE, l, layer.gate());
    add(Role.UP, l, layer.up());
    add(Role.DOWN, l, layer.down());
  }

  private void add(Role role, int layer, @Nullable Affine affine) {
    if (affine == null) return;
    add(role, layer, ".weight", affine.weight());
    if (affine.bias() != null) add(role, layer, ".bias", affine.bias());
  }

  private void add(Role role, int layer, @Nullable WeightTensor weight) {
    if (weight != null) add(role, layer, ".weight", weight);
  }

  private void add(Role role, int layer, String suffix, WeightTensor weight) {
    Place place = names.place(role);
    boolean rotated = role == Role.Q || role == Role.K;
    int head = names.interleavedHeads() && rotated ? config.headDim() : 0;
    boolean transposed = place.transposed() && weight.columns() > 1;
    tensors.computeIfAbsent(
                place.name(layer, suffix),
                name -> new Fused(name, new WeightTensor[place.parts()], transposed, head))
            .parts[place.part()] =
        weight;
  }

  /** One tensor of the file. */
  private static final class Fused implements TensorNumbers {
    private final String name;
    private final WeightTensor[] parts;
    private final boolean transposed;
    private final int interleavedHead;

    /** All numbers in the file's order, from the first that is asked for to the last. */
    private float @Nullable [] turned;

    /**
     * @param parts weights of the same size, whose outputs stand one behind the other
     * @param transposed whether inputs are its rows
     * @param interleavedHead elements of the heads whose halves alternate; 0 for none
     */
    Fused(String name, WeightTensor[] parts, boolean transposed, int interleavedHead) {
      this.name = name;
      this.parts = parts;
      this.transposed = transposed;
      this.interleavedHead = interleavedHead;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long[] shape() {
      long rows = (long) parts[0].rows() * parts.length;
      long columns = parts[0].columns();
      if (columns == 1) return new long[] {rows};
      return transposed ? new long[] {columns, rows} : new long[] {rows, columns};
    }

    @Override
    public void copyFloats(long firstElement, float[] out, int offset, int count) {
      Objects.checkFromIndexSize(firstElement, count, elements());
      Objects.checkFromIndexSize(offset, count, out.length);
      if (transposed) {
        float[] all = turned == null ? turn() : turned;
        System.arraycopy(all, (int) firstElement, out, offset, count);
        turned = firstElement + count == all.length ? null : all;
      } else {
        copyRows(firstElement, out, offset, count);
      }
    }

    private void copyRows(long firstElement, float[] out, int offset, int count) {
      int columns = parts[0].columns();
      float[] row = new float[columns];
      long element = firstElement;
      for (int done = 0; done < count; ) {
        int stored = (int) (element / columns);
        int column = (int) (element % columns);
        int length = Math.min(columns - column, count - done);
        parts[stored / parts[0].rows()].read(ownRow(stored % parts[0].rows()), 1, row, 0);
        System.arraycopy(row, column, out, offset + done, length);
        done += length;
        element += length;
      }
    }

    /** Which of the weight's rows the file's row is; see {@link WeightTensor#storedRow}. */
    private int ownRow(int stored) {
      if (interleavedHead == 0) return stored;
      int inHead = stored % interleavedHead;
      return stored - inHead + (inHead % 2) * (interleavedHead / 2) + inHead / 2;
    }

    private float[] turn() {
      int rows = parts[0].rows();
      int columns = parts[0].columns();
      float[] all = new float[Math.toIntExact(elements())];
      for (int part = 0; part < parts.length; part++) {
        float[] weight = parts[part].floats();
        for (int in = 0; in < columns; in++) {
          int to = (in * parts.length + part) * rows;
          for (int row = 0; row < rows; row++) all[to + row] = weight[row * columns + in];
        }
      }
      return all;
    }

    @Override
    public String toString() {
      return name + " " + Arrays.toString(shape());
    }
  }
}
