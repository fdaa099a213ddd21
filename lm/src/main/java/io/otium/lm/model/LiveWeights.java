package io.otium.lm.model;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Tensor;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.format.TensorType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a model in training, as if they lay in a file: over the same memory, so that what
 * is trained can be served, scored or written without one. Valid while the model is open; who reads
 * while training goes on reads weights of two steps.
 */
public final class LiveWeights implements TensorSource {
  private final Map<String, TensorData> tensors = new LinkedHashMap<>();

  /**
   * @param parameters contiguous, F32 or BF16, with Hugging Face's names
   */
  public LiveWeights(Map<String, Tensor> parameters) {
    parameters.forEach(
        (name, tensor) ->
            tensors.put(
                name,
                new TensorData(
                    name,
                    tensor.dtype() == DType.F32 ? TensorType.F32 : TensorType.BF16,
                    tensor.shape(),
                    tensor.segment())));
  }

  @Override
  public Path path() {
    return Path.of("memory");
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public @Nullable TensorData get(String name) {
    return tensors.get(name);
  }

  @Override
  public Map<String, Object> metadata() {
    return Map.of();
  }

  @Override
  public void close() {
    // the memory is the model's
  }
}
