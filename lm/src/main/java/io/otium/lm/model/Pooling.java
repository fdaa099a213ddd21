package io.otium.lm.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** How a text's hidden states become one vector. */
public enum Pooling {
  /** Their mean. */
  MEAN,
  /** The first token's. */
  CLS,
  /** The last token's. */
  LAST;

  /**
   * As the files of sentence-transformers beside a model ask for it; the mean where there are none.
   *
   * @param folder with {@code modules.json} and {@code 1_Pooling/config.json}
   * @throws IllegalArgumentException if they ask for what is not supported
   */
  public static Pooling of(Path folder) throws IOException {
    return PoolingConfig.read(folder);
  }

  /**
   * As a GGUF file's metadata ask for it; the mean where they do not.
   *
   * @throws IllegalArgumentException if they ask for what gives no vector
   */
  public static Pooling ofGguf(Map<String, ?> metadata) {
    return PoolingConfig.read(metadata);
  }

  /**
   * The pooled state, scaled to length 1: {@code [width]}.
   *
   * @param hidden {@code [tokens, width]}, at least one token
   */
  public float[] pool(float[] hidden, int width) {
    if (width <= 0 || hidden.length == 0 || hidden.length % width != 0) {
      throw new IllegalArgumentException(
          hidden.length + " hidden values are not one or more tokens of width " + width);
    }
    int tokens = hidden.length / width;
    int first = this == LAST ? tokens - 1 : 0;
    int last = this == CLS ? 0 : tokens - 1;
    double[] sum = new double[width];
    for (int t = first; t <= last; t++) {
      for (int i = 0; i < width; i++) {
        sum[i] += hidden[t * width + i];
      }
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    double length = Math.max(Math.sqrt(squares), 1e-12);
    float[] pooled = new float[width];
    for (int i = 0; i < width; i++) {
      pooled[i] = (float) (sum[i] / length);
    }
    return pooled;
  }
}
