package io.otium.lm.train;

import io.otium.core.nn.Init;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Tensor;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.LiveWeights;
import io.otium.lm.model.ModelConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A new model's weights, as if they lay in a file. Matrices are normal with deviation 0.02; those
 * that add to the residual stream, of which it gets two a block, {@code √(2 · layers)} times less
 * (Radford et al., 2019). Norms are 1.
 */
final class InitialWeights implements TensorSource {
  private static final double DEVIATION = 0.02;

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final LiveWeights live;

  /**
   * @param config Llama's architecture with tied embeddings
   */
  InitialWeights(ModelConfig config, RandomStream random) {
    double residual = DEVIATION / Math.sqrt(2.0 * config.layers());
    int width = config.width();
    matrix("model.embed_tokens", config.vocabulary(), width, DEVIATION, random);
    for (int l = 0; l < config.layers(); l++) {
      String layer = "model.layers." + l + ".";
      ones(layer + "input_layernorm", width);
      matrix(layer + "self_attn.q_proj", config.queryWidth(), width, DEVIATION, random);
      matrix(layer + "self_attn.k_proj", config.kvWidth(), width, DEVIATION, random);
      matrix(layer + "self_attn.v_proj", config.kvWidth(), width, DEVIATION, random);
      matrix(layer + "self_attn.o_proj", width, config.queryWidth(), residual, random);
      ones(layer + "post_attention_layernorm", width);
      matrix(layer + "mlp.gate_proj", config.mlpWidth(), width, DEVIATION, random);
      matrix(layer + "mlp.up_proj", config.mlpWidth(), width, DEVIATION, random);
      matrix(layer + "mlp.down_proj", width, config.mlpWidth(), residual, random);
    }
    ones("model.norm", width);
    live = new LiveWeights(tensors);
  }

  private void matrix(String name, int rows, int columns, double deviation, RandomStream random) {
    Tensor tensor = Tensor.empty(DType.F32, rows, columns).keep();
    tensors.put(name + ".weight", Init.normal(tensor, deviation, random));
  }

  private void ones(String name, int size) {
    tensors.put(name + ".weight", Tensor.full(1, DType.F32, size).keep());
  }

  @Override
  public Path path() {
    return live.path();
  }

  @Override
  public Set<String> names() {
    return live.names();
  }

  @Override
  public @Nullable TensorData get(String name) {
    return live.get(name);
  }

  @Override
  public Map<String, Object> metadata() {
    return live.metadata();
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }
}
