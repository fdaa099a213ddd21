package io.otium.lm.adapter;

import io.otium.core.tensor.Tensor;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What is trained beside a model's own weights, which stay as they are. */
public interface Tuning extends AutoCloseable {
  /** By the names that checkpoints keep them under. */
  Map<String, Tensor> parameters();

  /** Whether inputs are dropped. */
  default void training(boolean is) {}

  /** What the model reads in place of a batch. */
  default TokenBatch prepared(TokenBatch batch) {
    return batch;
  }

  /** The model's weights with this as it is now, for the engine. */
  Weights with(Weights base);

  /**
   * Writes peft's files.
   *
   * @param base the model that it belongs to: a name or a path
   */
  void write(String base, Path folder) throws IOException;

  /** Leaves the model as it was. */
  @Override
  void close();
}
