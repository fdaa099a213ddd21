package io.otium.lm;

import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.Pooling;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * A sentence encoder in this process: a BERT whose hidden states are pooled into one vector, as the
 * files beside its weights say. It runs at fp32, by the plain forward pass.
 *
 * {@snippet :
 * try (EncoderModel model = EncoderModel.load("hf:sentence-transformers/all-MiniLM-L6-v2")) {
 *   float[] vector = model.embed("A cat on a mat.");
 * }
 * }
 *
 * <p>Safe for use by many threads.
 */
public final class EncoderModel implements LanguageModel {
  private final ModelInfo info;
  private final ModelFiles files;
  private final PlainForward forward;
  private final Pooling pooling;
  private final LongAdder texts = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  /** From files, which stay open: weights are read when their turn comes. */
  EncoderModel(ModelInfo info, ModelFiles files) {
    this.info = info;
    this.files = files;
    this.forward = new PlainForward(files.weights());
    this.pooling = files.pooling();
  }

  /**
   * Loads an encoder by name, path or reference; fetches it first if it is not installed.
   *
   * @throws io.otium.lm.hub.PullException if there is none, with what to do
   * @throws IOException if its files cannot be read, are broken or are no encoder's
   */
  public static EncoderModel load(String ref) throws IOException {
    ModelFiles.Found found = ModelFiles.Found.of(ref, ProgressListener.NONE);
    return load(found.id(), found.path());
  }

  /**
   * Loads a GGUF file or a folder of {@code config.json}, safetensors, {@code tokenizer.json} and,
   * where the mean is not meant, {@code 1_Pooling/config.json}.
   *
   * @param id the name that requests use
   */
  public static EncoderModel load(String id, Path path) throws IOException {
    ModelFiles files = ModelFiles.open(path);
    if (!files.isEncoder()) {
      files.closeWeights();
      throw new IOException(path + " is no encoder; it is loaded as a Model");
    }
    return new EncoderModel(files.info(id, LoadOptions.defaults()), files);
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Tokenizer tokenizer() {
    return files.text().tokenizer();
  }

  @Override
  public boolean canGenerate() {
    return false;
  }

  @Override
  public boolean canChat() {
    return false;
  }

  @Override
  public int[] chatPrompt(List<ChatMessage> messages) {
    throw refused();
  }

  @Override
  public Generation submit(GenerationRequest request) {
    throw refused();
  }

  private IllegalArgumentException refused() {
    return new IllegalArgumentException(
        "model '" + info.id() + "' is an encoder; it makes embeddings and writes no text");
  }

  /** The vector of a text, of length 1: {@code [width]}. */
  public float[] embed(String text) {
    return embed(tokenizer().encode(text, true, false));
  }

  @Override
  public float[] embed(int[] ids) {
    long begin = System.nanoTime();
    float[] vector = forward.embed(ids, pooling);
    texts.increment();
    tokens.add(ids.length);
    nanos.add(System.nanoTime() - begin);
    return vector;
  }

  @Override
  public EngineStats stats() {
    return new EngineStats(
        0,
        0,
        0,
        0,
        tokens.sum(),
        0,
        0,
        texts.sum(),
        nanos.sum() / 1e9,
        0,
        4 * info.parameters(),
        0);
  }

  @Override
  public void close() {
    files.text().tokenizer().close();
    files.closeWeights();
  }
}
