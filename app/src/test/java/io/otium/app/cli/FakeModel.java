package io.otium.app.cli;

import io.otium.lm.FoundModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.engine.GenerationResult.GenerationStats;
import io.otium.lm.engine.TokenInfo;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Says {@code answer}, a word a token, before {@code submit} returns; tokens are UTF-8 bytes. */
final class FakeModel implements LanguageModel, Tokenizer {
  final List<GenerationRequest> requests = new ArrayList<>();
  List<ChatMessage> conversation = List.of();
  String answer;
  Finish finish = Finish.STOP;
  boolean template = true;

  /** Why it cannot be loaded. */
  String failure = "";

  boolean closed;

  FakeModel(String answer) {
    this.answer = answer;
  }

  /** Itself, before it is loaded. */
  FoundModel found() {
    return new FoundModel() {
      @Override
      public ModelInfo info() {
        return FakeModel.this.info();
      }

      @Override
      public LanguageModel load() throws IOException {
        if (!failure.isEmpty()) throw new IOException(failure);
        return FakeModel.this;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public ModelInfo info() {
    return new ModelInfo("fake", "llama", 1_000_000, "fp32", 512, 8, 2, 0);
  }

  @Override
  public Tokenizer tokenizer() {
    return this;
  }

  @Override
  public boolean canChat() {
    return template;
  }

  @Override
  public int[] chatPrompt(List<ChatMessage> messages) {
    conversation = List.copyOf(messages);
    return encode(messages.toString(), true, false);
  }

  @Override
  public Generation submit(GenerationRequest request) {
    if (request.prompt().length > 512) {
      throw new IllegalArgumentException("the prompt has more tokens than the context of 512");
    }
    requests.add(request);
    for (String word : answer.split("(?<= )")) {
      request.listener().onText(word, List.of(new TokenInfo(7, Float.NaN, List.of())));
    }
    var result =
        new GenerationResult(
            answer,
            new int[answer.split(" ").length],
            finish,
            request.prompt().length,
            0,
            new GenerationStats(0, 12, 1000, 100, request.prompt().length, 10, 640));
    return new Generation() {
      @Override
      public void cancel() {}

      @Override
      public boolean isDone() {
        return true;
      }

      @Override
      public GenerationResult await() {
        return result;
      }
    };
  }

  @Override
  public float[] embed(int[] tokens) {
    return new float[] {0.6f, tokens.length, -0.8f};
  }

  @Override
  public EngineStats stats() {
    return new EngineStats(0, 0, 10, 512, 20, 5, 30, 1, 0.1, 0.2, 4 << 20, 1 << 20);
  }

  @Override
  public int vocabularySize() {
    return 256;
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) ids[i] = bytes[i] & 0xff;
    return ids;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    byte[] bytes = new byte[ids.length];
    for (int i = 0; i < ids.length; i++) bytes[i] = (byte) ids[i];
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public String token(int id) {
    return decode(new int[] {id}, false);
  }

  @Override
  public byte[] bytes(int id) {
    return new byte[] {(byte) id};
  }

  @Override
  public boolean isSpecial(int id) {
    return false;
  }

  @Override
  public int bos() {
    return -1;
  }

  @Override
  public Set<Integer> eos() {
    return Set.of(0);
  }

  @Override
  public void close() {
    closed = true;
  }
}
