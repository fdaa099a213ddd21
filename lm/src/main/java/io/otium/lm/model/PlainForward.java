package io.otium.lm.model;

import io.otium.lm.model.ModelConfig.Norm;
import io.otium.lm.model.Weights.Affine;
import io.otium.lm.model.Weights.Layer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The transformer's forward pass in plain Java and single precision, one line an equation: the twin
 * that every fast one is compared to. Reads each weight from its file when its turn comes, so a
 * model larger than memory passes too. Tensors are {@code float[]}, row after row.
 */
public final class PlainForward {
  private final ModelConfig c;
  private final Weights weights;

  public PlainForward(Weights weights) {
    this.c = weights.config();
    this.weights = weights;
  }

  /**
   * The logits of the token after each: {@code [tokens, vocabulary]}.
   *
   * @throws IllegalArgumentException if there are no tokens, more than the context, or one outside
   *     the vocabulary
   * @throws UnsupportedOperationException for an encoder
   */
  public float[] logits(int[] tokens) {
    WeightTensor output = weights.output();
    if (output == null) {
      throw new UnsupportedOperationException(
          c.architecture().id() + " is an encoder: it has hidden states and no logits");
    }
    float[] logits = product(hidden(tokens), new Affine(output, null));
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= c.logitScale();
    }
    return logits;
  }

  /** The hidden states' mean (or another pooling), scaled to length 1: {@code [width]}. */
  public float[] embed(int[] tokens, Pooling pooling) {
    return pooling.pool(hidden(tokens), c.width());
  }

  /**
   * The hidden states after the last norm: {@code [tokens, width]}.
   *
   * @throws IllegalArgumentException if there are no tokens, more than the context, or one outside
   *     the vocabulary
   */
  public float[] hidden(int[] tokens) {
    check(tokens);
    float[] x = embedding(tokens);
    for (Layer layer : weights.layers()) {
      if (c.preNorm()) {
        x = sum(x, attention(norm(x, layer.attentionNorm()), layer));
        x = sum(x, mlp(norm(x, layer.mlpNorm()), layer));
      } else {
        x = norm(sum(x, attention(x, layer)), layer.attentionNorm());
        x = norm(sum(x, mlp(x, layer)), layer.mlpNorm());
      }
    }
    return norm(x, weights.finalNorm());
  }

  /** Token + position + type (always type 0), normalised where the model does. */
  private float[] embedding(int[] tokens) {
    int width = c.width();
    float[] x = new float[tokens.length * width];
    WeightTensor positions = weights.positionEmbedding();
    WeightTensor types = weights.typeEmbedding();
    float[] more = new float[width];
    for (int t = 0; t < tokens.length; t++) {
      weights.tokenEmbedding().read(tokens[t], 1, x, t * width);
      if (positions != null) {
        positions.read(t, 1, more, 0);
        add(x, t * width, more);
      }
      if (types != null) {
        types.read(0, 1, more, 0);
        add(x, t * width, more);
      }
    }
    return norm(x, weights.embeddingNorm());
  }

  /** o · softmax(q · kᵀ / √headDim) · v, head by head. */
  private float[] attention(float[] x, Layer layer) {
    int tokens = x.length / c.width();
    int dim = c.headDim();
    float[] q = product(x, layer.q());
    float[] k = product(x, layer.k());
    float[] v = product(x, layer.v());
    normHeads(q, layer.qNorm());
    normHeads(k, layer.kNorm());
    rotate(q, c.queryHeads());
    rotate(k, c.kvHeads());

    float[] mixed = new float[tokens * c.queryWidth()];
    float scale = (float) (1 / Math.sqrt(dim));
    IntStream.range(0, c.queryHeads())
        .parallel()
        .forEach(
            head -> {
              int kvHead = head / (c.queryHeads() / c.kvHeads());
              float[] scores = new float[tokens];
              for (int t = 0; t < tokens; t++) {
                int seen = c.causal() ? t + 1 : tokens;
                int qAt = t * c.queryWidth() + head * dim;
                for (int s = 0; s < seen; s++) {
                  scores[s] = scale * dot(q, qAt, k, s * c.kvWidth() + kvHead * dim, dim);
                }
                softmax(scores, seen);
                for (int s = 0; s < seen; s++) {
                  int vAt = s * c.kvWidth() + kvHead * dim;
                  for (int i = 0; i < dim; i++) {
                    mixed[qAt + i] += scores[s] * v[vAt + i];
                  }
                }
              }
            });
    return product(mixed, layer.o());
  }

  /** down · (act(gate · x) ⊙ (up · x)), or down · act(up · x). */
  private float[] mlp(float[] x, Layer layer) {
    float[] h = product(x, layer.up());
    Affine gate = layer.gate();
    if (gate == null) {
      for (int i = 0; i < h.length; i++) {
        h[i] = c.activation().apply(h[i]);
      }
    } else {
      float[] g = product(x, gate);
      for (int i = 0; i < h.length; i++) {
        h[i] *= c.activation().apply(g[i]);
      }
    }
    return product(h, layer.down());
  }

  /** Turns each head's (first half, second half) pairs by position · frequency. */
  private void rotate(float[] x, int heads) {
    Rope rope = c.rope();
    if (rope == null) {
      return;
    }
    int half = c.headDim() / 2;
    float[] frequencies = rope.inverseFrequencies(c.headDim());
    int tokens = x.length / (heads * c.headDim());
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < half; i++) {
        float angle = t * frequencies[i];
        float cos = (float) Math.cos(angle) * rope.amplitude();
        float sin = (float) Math.sin(angle) * rope.amplitude();
        for (int head = 0; head < heads; head++) {
          int at = (t * heads + head) * c.headDim() + i;
          float first = x[at];
          float second = x[at + half];
          x[at] = first * cos - second * sin;
          x[at + half] = second * cos + first * sin;
        }
      }
    }
  }

  private void normHeads(float[] x, @Nullable WeightTensor weight) {
    if (weight != null) {
      float[] normed = norm(x, weight.floats(), null);
      System.arraycopy(normed, 0, x, 0, x.length);
    }
  }

  private float[] norm(float[] x, @Nullable Affine norm) {
    if (norm == null) {
      return x;
    }
    WeightTensor bias = norm.bias();
    return norm(x, norm.weight().floats(), bias == null ? null : bias.floats());
  }

  private float[] norm(float[] x, float[] weight, float @Nullable [] bias) {
    int width = weight.length;
    float[] y = new float[x.length];
    for (int at = 0; at < x.length; at += width) {
      double mean = 0;
      if (c.norm() == Norm.LAYER) {
        for (int i = 0; i < width; i++) {
          mean += x[at + i] / width;
        }
      }
      double variance = 0;
      for (int i = 0; i < width; i++) {
        variance += (x[at + i] - mean) * (x[at + i] - mean) / width;
      }
      double scale = 1 / Math.sqrt(variance + c.normEps());
      for (int i = 0; i < width; i++) {
        y[at + i] = (float) ((x[at + i] - mean) * scale) * weight[i] + (bias == null ? 0 : bias[i]);
      }
    }
    return y;
  }

  /** x · Wᵀ + b: {@code [tokens, in] → [tokens, out]}. */
  private static float[] product(float[] x, Affine affine) {
    WeightTensor matrix = affine.weight();
    int in = matrix.columns();
    int out = matrix.rows();
    int tokens = x.length / in;
    float[] y = new float[tokens * out];
    float[] w = matrix.floats();
    float[] b = affine.bias() == null ? new float[out] : affine.bias().floats();
    IntStream.range(0, out)
        .parallel()
        .forEach(
            o -> {
              for (int t = 0; t < tokens; t++) {
                y[t * out + o] = dot(x, t * in, w, o * in, in) + b[o];
              }
            });
    return y;
  }

  /** Four sums side by side: shorter chains of roundings, and no waiting of one on the other. */
  private static float dot(float[] a, int aAt, float[] b, int bAt, int size) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i < size - 3; i += 4) {
      s0 += a[aAt + i] * b[bAt + i];
      s1 += a[aAt + i + 1] * b[bAt + i + 1];
      s2 += a[aAt + i + 2] * b[bAt + i + 2];
      s3 += a[aAt + i + 3] * b[bAt + i + 3];
    }
    for (; i < size; i++) {
      s0 += a[aAt + i] * b[bAt + i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static void softmax(float[] x, int size) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      max = Math.max(max, x[i]);
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      x[i] = (float) Math.exp(x[i] - max);
      sum += x[i];
    }
    for (int i = 0; i < size; i++) {
      x[i] /= (float) sum;
    }
  }

  private static float[] sum(float[] a, float[] b) {
    float[] sum = a.clone();
    add(sum, 0, b);
    return sum;
  }

  private static void add(float[] into, int at, float[] what) {
    for (int i = 0; i < what.length; i++) {
      into[at + i] += what[i];
    }
  }

  private void check(int[] tokens) {
    if (tokens.length == 0 || tokens.length > c.context()) {
      throw new IllegalArgumentException(
          tokens.length + " tokens given; there must be 1 to " + c.context());
    }
    Arrays.stream(tokens)
        .filter(token -> token < 0 || token >= c.vocabulary())
        .findFirst()
        .ifPresent(
            token -> {
              throw new IllegalArgumentException(
                  "token " + token + " is outside the vocabulary, 0 to " + (c.vocabulary() - 1));
            });
  }
}
