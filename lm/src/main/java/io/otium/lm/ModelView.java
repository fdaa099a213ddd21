package io.otium.lm;

import io.otium.lm.engine.AdapterWeights;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model under a name of its own that shares another's weights, cache and batches: that model
 * itself, or what an adapter makes of it. Closing it leaves the others as they are.
 */
final class ModelView implements LanguageModel {
  private final ModelInfo info;
  private final Model model;
  private final @Nullable AdapterWeights adapter;

  /**
   * @param model is held already, and let go when this is closed
   */
  ModelView(ModelInfo info, Model model, @Nullable AdapterWeights adapter) {
    this.info = info;
    this.model = model;
    this.adapter = adapter;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Tokenizer tokenizer() {
    return model.tokenizer();
  }

  @Override
  public boolean canChat() {
    return model.canChat();
  }

  @Override
  public int[] chatPrompt(List<ChatMessage> messages) {
    return model.chatPrompt(messages);
  }

  @Override
  public Generation submit(GenerationRequest request) {
    return model.submit(adapter == null ? request : request.with(adapter));
  }

  @Override
  public float[] embed(int[] tokens) {
    return model.loaded().engine().embed(tokens, adapter);
  }

  /** Of all who share the weights. */
  @Override
  public EngineStats stats() {
    return model.stats();
  }

  @Override
  public void warmUp() {
    model.warmUp();
  }

  @Override
  public void close() {
    if (adapter != null) model.loaded().drop(adapter);
    model.close();
  }
}
