package io.otium.app.server;

import io.otium.lm.LanguageModel;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.engine.GenerationResult.GenerationStats;
import io.otium.lm.engine.QueueFullException;
import io.otium.lm.engine.TokenInfo;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A model that says what a test tells it to, one byte a token, from one engine thread as the real
 * one does. Its answer is repeated for ever when it has no end.
 */
final class FakeLanguageModel implements LanguageModel {
  private final ModelInfo info;
  private final ByteTokenizer tokenizer = new ByteTokenizer();
  private final ScheduledExecutorService engine =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("fake-engine").factory());

  final List<GenerationRequest> requests = new CopyOnWriteArrayList<>();
  final List<FakeGeneration> generations = new CopyOnWriteArrayList<>();

  /** Whether it only makes vectors. */
  volatile boolean encoder;

  volatile String answer = "Hello, world!";
  volatile boolean endless;
  volatile long millisPerToken;
  volatile int failAfter = Integer.MAX_VALUE;
  volatile int queue = Integer.MAX_VALUE;
  volatile @Nullable CountDownLatch gate;

  FakeLanguageModel(String id) {
    this(id, 512);
  }

  FakeLanguageModel(String id, int context) {
    info = new ModelInfo(id, "fake", 42, "fp32", context, 4, 1, 1_700_000_000);
  }

  FakeLanguageModel answering(String text) {
    answer = text;
    return this;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public boolean canGenerate() {
    return !encoder;
  }

  @Override
  public boolean canChat() {
    return !encoder;
  }

  @Override
  public int[] chatPrompt(List<ChatMessage> messages) {
    var ids = IntStream.builder();
    ids.add(ByteTokenizer.BOS);
    for (ChatMessage message : messages) {
      if (message.content().equals("refuse me")) {
        throw new IllegalArgumentException("the template refuses this conversation");
      }
      ids.add(ByteTokenizer.TURN);
      for (int id : tokenizer.encode(message.role() + "\n" + message.content(), false, false)) {
        ids.add(id);
      }
      ids.add(ByteTokenizer.END);
    }
    ids.add(ByteTokenizer.TURN);
    return ids.build().toArray();
  }

  @Override
  public Generation submit(GenerationRequest request) {
    long running = generations.stream().filter(generation -> !generation.isDone()).count();
    if (running >= queue) throw new QueueFullException((int) running);
    requests.add(request);
    var generation = new FakeGeneration(request);
    generations.add(generation);
    engine.execute(generation::start);
    return generation;
  }

  /** A point on the unit circle that depends on the tokens' sum. */
  @Override
  public float[] embed(int[] tokens) {
    double angle = IntStream.of(tokens).sum() * 0.01;
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle), 0, 0};
  }

  @Override
  public EngineStats stats() {
    int running = (int) generations.stream().filter(generation -> !generation.isDone()).count();
    return new EngineStats(running, 0, 3, 512, 11, 2, 7, requests.size(), 0.5, 0.25, 168, 4096);
  }

  @Override
  public void close() {
    engine.shutdownNow();
  }

  final class FakeGeneration implements Generation {
    private final GenerationRequest request;
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
    private final byte[] script;
    private final List<Integer> tokens = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final List<TokenInfo> held = new ArrayList<>();
    private int heldFrom;
    private volatile boolean cancelled;

    FakeGeneration(GenerationRequest request) {
      this.request = request;
      String said = answer;
      int end = said.length();
      for (String stop : request.options().stop()) {
        int at = said.indexOf(stop);
        if (at >= 0) end = Math.min(end, at);
      }
      script = said.substring(0, end).getBytes(StandardCharsets.UTF_8);
    }

    private void start() {
      CountDownLatch closed = gate;
      if (closed != null && closed.getCount() > 0 && !cancelled) {
        engine.schedule(this::start, 1, TimeUnit.MILLISECONDS);
        return;
      }
      if (request.options().echo() && request.options().logprobs() >= 0) {
        var prompt = new ArrayList<TokenInfo>();
        for (int i = 0; i < request.prompt().length; i++) {
          prompt.add(
              i == 0
                  ? new TokenInfo(request.prompt()[0], Float.NaN, List.of())
                  : info(request.prompt()[i]));
        }
        request.listener().onPrompt(prompt);
      }
      step();
    }

    private void step() {
      if (result.isDone()) return;
      int most = request.options().maxTokens();
      if (most < 0) most = info.context() - request.prompt().length;
      if (cancelled) {
        finish(Finish.CANCELLED);
      } else if (tokens.size() >= failAfter) {
        var failure = new IllegalStateException("the fake engine was told to fail: secret detail");
        result.completeExceptionally(failure);
        request.listener().onError(failure);
      } else if (!endless && tokens.size() == script.length) {
        if (tokens.size() < most) tokens.add(ByteTokenizer.END);
        finish(tokens.size() > script.length ? Finish.STOP : Finish.LENGTH);
      } else if (tokens.size() >= most) {
        finish(Finish.LENGTH);
      } else {
        say(script[tokens.size() % script.length] & 0xFF);
        if (millisPerToken > 0) {
          engine.schedule(this::step, millisPerToken, TimeUnit.MILLISECONDS);
        } else {
          engine.execute(this::step);
        }
      }
    }

    /** Holds bytes back until they are a whole character, as the contract says. */
    private void say(int id) {
      tokens.add(id);
      held.add(info(id));
      byte[] bytes = new byte[held.size()];
      for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) held.get(i).id();
      String piece = new String(bytes, StandardCharsets.UTF_8);
      if (piece.contains("\uFFFD")) return;
      text.append(piece);
      request.listener().onText(piece, List.copyOf(held));
      held.clear();
    }

    private TokenInfo info(int id) {
      int most = request.options().logprobs();
      if (most < 0) return new TokenInfo(id, Float.NaN, List.of());
      var top = new ArrayList<TokenInfo.Candidate>();
      for (int i = 0; i < most; i++) {
        top.add(new TokenInfo.Candidate((id + i) % 256, -0.5f - i));
      }
      return new TokenInfo(id, -0.5f, top);
    }

    private void finish(Finish finish) {
      var stats = new GenerationStats(1, 2, 1000, 100, request.prompt().length, 5, 640);
      var done =
          new GenerationResult(
              text.toString(),
              tokens.stream().mapToInt(Integer::intValue).toArray(),
              finish,
              request.prompt().length,
              Math.min(2, request.prompt().length - 1),
              stats);
      result.complete(done);
      request.listener().onDone(done);
    }

    boolean wasCancelled() {
      return cancelled;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public boolean isDone() {
      return result.isDone();
    }

    @Override
    public GenerationResult await() {
      return result.join();
    }
  }
}
