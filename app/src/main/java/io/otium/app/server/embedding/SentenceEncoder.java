package io.otium.app.server.embedding;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sentence encoder as an ONNX graph: a BERT whose last hidden states are averaged over the tokens
 * and brought to length 1. Texts go through one at a time, since the quantised graph scales its
 * activations by what shares the batch, and a text's vector must not depend on its neighbours.
 */
public final class SentenceEncoder implements EmbeddingModel {
  private final String id;
  private final String files;
  private final int dimensions;
  private final int context;
  private @Nullable Loaded loaded;

  /** The tokenizer and the graph, once they are wanted. */
  private record Loaded(HuggingFaceTokenizer tokenizer, OrtSession session) {}

  /**
   * @param files start of the names of the two resources on the class path, {@code FILES.onnx} and
   *     {@code FILES-tokenizer.json}
   */
  public SentenceEncoder(String id, String files, int dimensions, int context) {
    this.id = id;
    this.files = files;
    this.dimensions = dimensions;
    this.context = context;
  }

  /** all-MiniLM-L6-v2 with 8-bit weights (Apache-2.0), from its Maven artifact. */
  public static SentenceEncoder allMiniLm() {
    return new SentenceEncoder("all-minilm-l6-v2", "/all-minilm-l6-v2-q", 384, 512);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public int dimensions() {
    return dimensions;
  }

  @Override
  public int context() {
    return context;
  }

  @Override
  public long[] tokens(String text) {
    return load().tokenizer().encode(text).getIds();
  }

  @Override
  public float[] embed(long[] tokens) {
    if (tokens.length == 0 || tokens.length > context) {
      throw new IllegalArgumentException(
          "%s takes 1 to %d tokens, not %d".formatted(id, context, tokens.length));
    }
    OrtSession session = load().session();
    long[] ones = new long[tokens.length];
    Arrays.fill(ones, 1);
    var columns =
        Map.of(
            "input_ids", tokens, "attention_mask", ones, "token_type_ids", new long[tokens.length]);
    var inputs = new HashMap<String, OnnxTensor>();
    try {
      for (String name : session.getInputNames()) {
        long[] column = columns.get(name);
        if (column == null) throw new IllegalStateException(id + " has an unknown input " + name);
        inputs.put(
            name, OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), new long[][] {column}));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        return pool(((float[][][]) result.get(0).getValue())[0]);
      }
    } catch (OrtException failed) {
      throw new IllegalStateException(id + " failed: " + failed.getMessage(), failed);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /** Mean over tokens of the hidden states {@code [tokens, dimensions]}, at length 1. */
  private static float[] pool(float[][] hidden) {
    float[] mean = new float[hidden[0].length];
    for (float[] state : hidden) {
      for (int i = 0; i < mean.length; i++) mean[i] += state[i];
    }
    double square = 0;
    for (float value : mean) square += (double) value * value;
    float scale = (float) (1 / Math.sqrt(square));
    for (int i = 0; i < mean.length; i++) mean[i] *= scale;
    return mean;
  }

  private synchronized Loaded load() {
    Loaded ready = loaded;
    if (ready != null) return ready;
    try (InputStream vocabulary = resource(files + "-tokenizer.json");
        InputStream graph = resource(files + ".onnx");
        var options = new OrtSession.SessionOptions()) {
      // The engine owns the cores: no pool of ONNX's own, whose idle threads would spin on them.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      // The file pads and cuts every text at 128 tokens, half of what many sentences need.
      var whole = Map.of("padding", "false", "truncation", "false");
      var session = OrtEnvironment.getEnvironment().createSession(graph.readAllBytes(), options);
      ready = new Loaded(HuggingFaceTokenizer.newInstance(vocabulary, whole), session);
      loaded = ready;
      return ready;
    } catch (IOException | OrtException failed) {
      throw new IllegalStateException("cannot load " + id + ": " + failed.getMessage(), failed);
    }
  }

  private InputStream resource(String name) {
    InputStream found = SentenceEncoder.class.getResourceAsStream(name);
    if (found == null) {
      throw new IllegalStateException(
          "cannot load " + id + ": " + name + " is not on the class path");
    }
    return found;
  }

  @Override
  public synchronized void close() {
    Loaded ready = loaded;
    if (ready == null) return;
    loaded = null;
    ready.tokenizer().close();
    try {
      ready.session().close();
    } catch (OrtException failed) {
      throw new IllegalStateException(id + " did not close: " + failed.getMessage(), failed);
    }
  }
}
