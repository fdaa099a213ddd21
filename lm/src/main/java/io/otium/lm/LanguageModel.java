package io.otium.lm;

import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.util.List;

/**
 * A loaded model that answers requests, many at a time. What the server, the command line and the
 * console talk to; {@link Model} is the real one.
 */
public interface LanguageModel extends AutoCloseable {
  ModelInfo info();

  Tokenizer tokenizer();

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
   * Mean of the last hidden states (after the final norm), normalised to length 1: {@code [width]}.
   */
  float[] embed(int[] tokens);

  EngineStats stats();

  @Override
  void close();
}
