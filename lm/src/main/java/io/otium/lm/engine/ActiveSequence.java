package io.otium.lm.engine;

import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.engine.GenerationResult.GenerationStats;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A request from its submission to its end: what it asked for, how far it is, what it cost. */
final class ActiveSequence implements Generation {
  final GenerationRequest request;
  final Sampler sampler;
  final AnswerText answer;
  final int maxTokens;
  private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
  volatile boolean cancelled;

  /** Prompt, then answer. */
  int[] tokens;

  int length;

  /** Tokens whose keys and values are in the cache. */
  int computed;

  @Nullable SequenceCache cache;

  /** Prompt tokens taken over from the prefix cache at first admission. */
  int cachedTokens = -1;

  private final long submitted = System.nanoTime();
  private long started;
  private long firstToken;
  private long lastToken;
  private double promptSeconds;

  /** Rows times layers that the prompt took. */
  long promptRowLayers;

  ActiveSequence(GenerationRequest request, Sampler sampler, AnswerText answer, int maxTokens) {
    this.request = request;
    this.sampler = sampler;
    this.answer = answer;
    this.maxTokens = maxTokens;
    this.tokens =
        Arrays.copyOf(request.prompt(), request.prompt().length + Math.min(maxTokens, 256));
    this.length = request.prompt().length;
  }

  int promptLength() {
    return request.prompt().length;
  }

  int generated() {
    return length - promptLength();
  }

  /** Whether the next step still holds tokens other than the one last drawn. */
  boolean prefilling() {
    return computed < length - 1 || computed < promptLength();
  }

  void append(int token) {
    if (length == tokens.length) tokens = Arrays.copyOf(tokens, 2 * length + 16);
    tokens[length++] = token;
    lastToken = System.nanoTime();
    if (firstToken == 0) firstToken = lastToken;
  }

  void begin() {
    if (started == 0) started = System.nanoTime();
  }

  void spentOnPrompt(double seconds) {
    promptSeconds += seconds;
  }

  void finish(Finish finish, int layers) {
    int kvSlots = cache == null ? 0 : cache.meanSlots();
    long kvBytes = cache == null ? 0 : cache.bytes();
    int answered = generated();
    double decodeSeconds = (lastToken - firstToken) / 1e9;
    int fresh = promptLength() - Math.max(cachedTokens, 0);
    var stats =
        new GenerationStats(
            started == 0 ? 0 : (started - submitted) / 1e6,
            firstToken == 0
                ? (System.nanoTime() - submitted) / 1e6
                : (firstToken - submitted) / 1e6,
            promptSeconds > 0 ? fresh / promptSeconds : 0,
            answered > 1 && decodeSeconds > 0 ? (answered - 1) / decodeSeconds : 0,
            (double) promptRowLayers / layers,
            kvSlots,
            kvBytes);
    var done =
        new GenerationResult(
            answer.text(),
            Arrays.copyOfRange(tokens, promptLength(), length),
            finish,
            promptLength(),
            Math.max(cachedTokens, 0),
            stats);
    try {
      request.listener().onDone(done);
    } finally {
      result.complete(done);
    }
  }

  void fail(Throwable error) {
    try {
      request.listener().onError(error);
    } finally {
      result.completeExceptionally(error);
    }
  }

  void deliver(AnswerText.Piece piece) {
    if (!piece.isEmpty()) request.listener().onText(piece.text(), piece.tokens());
  }

  void deliverPrompt(List<TokenInfo> infos) {
    request.listener().onPrompt(infos);
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
    try {
      return result.join();
    } catch (CompletionException failure) {
      Throwable cause = failure.getCause();
      // A state that was foreseen has its sentence; anything else is told by its kind too.
      String why = cause instanceof IllegalStateException ? cause.getMessage() : "" + cause;
      throw new IllegalStateException("the generation failed: " + why, cause);
    }
  }
}
