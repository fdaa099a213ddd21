package io.otium.app.server;

import io.otium.lm.LanguageModel;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.util.List;

/** A loaded model under another name, which answers carry. */
record NamedModel(String name, LanguageModel model) implements LanguageModel {
  @Override
  public ModelInfo info() {
    return model.info().named(name);
  }

  @Override
  public Tokenizer tokenizer() {
    return model.tokenizer();
  }

  @Override
  public boolean canGenerate() {
    return model.canGenerate();
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
    return model.submit(request);
  }

  @Override
  public float[] embed(int[] tokens) {
    return model.embed(tokens);
  }

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
    model.close();
  }
}
