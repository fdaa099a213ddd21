package io.otium.app.console;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A model that says what a script says, a word a token. {@link #hold} makes it wait for {@link
 * #allow} before each word, so that a test can look at an answer half way.
 */
final class ScriptedModel implements LanguageModel {
  /** An answer that the model refuses to begin. */
  static final String REFUSE = "(refuse)";

  private final String id;
  private final Function<List<ChatMessage>, String> script;
  private final Semaphore words = new Semaphore(Integer.MAX_VALUE);
  private final AtomicLong generated = new AtomicLong();
  private volatile List<ChatMessage> lastPrompt = List.of();
  private volatile long wordMillis;
  private final AtomicInteger running = new AtomicInteger();
  final List<GenerationRequest> requests = new CopyOnWriteArrayList<>();

  ScriptedModel(String id, Function<List<ChatMessage>, String> script) {
    this.id = id;
    this.script = script;
  }

  /** From now on words are said only when allowed. */
  void hold() {
    words.drainPermits();
  }

  void allow(int count) {
    words.release(count);
  }

  /** For people who watch: a pause after each word. */
  void slowDown(long millis) {
    wordMillis = millis;
  }

  List<ChatMessage> lastPrompt() {
    return lastPrompt;
  }

  @Override
  public ModelInfo info() {
    return new ModelInfo(id, "llama", 134_515_008, "int8", 8192, 576, 30, 1_730_000_000);
  }

  @Override
  public Tokenizer tokenizer() {
    return new Words();
  }

  @Override
  public boolean canChat() {
    return true;
  }

  @Override
  public int[] chatPrompt(List<ChatMessage> messages) {
    lastPrompt = List.copyOf(messages);
    int words = messages.stream().mapToInt(m -> m.content().split("\\s+").length + 4).sum();
    return new int[words];
  }

  @Override
  public Generation submit(GenerationRequest request) {
    String answer = script.apply(lastPrompt);
    if (answer.equals(REFUSE)) {
      throw new IllegalArgumentException("This conversation is longer than the context");
    }
    requests.add(request);
    Running generation = new Running(request, answer);
    Thread.ofVirtual().start(generation);
    return generation;
  }

  /** Counts words, and knows none of them. */
  private record Words() implements Tokenizer {
    @Override
    public int vocabularySize() {
      return 49_152;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
      return new int[text.split("\\s+").length];
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
      return "";
    }

    @Override
    public String token(int token) {
      return "word";
    }

    @Override
    public byte[] bytes(int token) {
      return new byte[0];
    }

    @Override
    public boolean isSpecial(int token) {
      return false;
    }

    @Override
    public int bos() {
      return -1;
    }

    @Override
    public Set<Integer> eos() {
      return Set.of(2);
    }

    @Override
    public void close() {}
  }

  private final class Running implements Generation, Runnable {
    private final GenerationRequest request;
    private final String text;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();

    Running(GenerationRequest request, String text) {
      this.request = request;
      this.text = text;
    }

    @Override
    public void run() {
      running.incrementAndGet();
      long start = System.nanoTime();
      long first = start;
      StringBuilder said = new StringBuilder();
      int count = 0;
      List<String> pieces = new ArrayList<>(Arrays.asList(text.split("(?<=\\s)")));
      try {
        for (String piece : pieces) {
          while (!cancelled.get()
              && !words.tryAcquire(20, java.util.concurrent.TimeUnit.MILLISECONDS)) {
            // held: look again whether it was cancelled meanwhile
          }
          if (cancelled.get() || count == request.options().maxTokens()) {
            break;
          }
          if (wordMillis > 0) {
            Thread.sleep(wordMillis);
          }
          if (count++ == 0) {
            first = System.nanoTime();
          }
          said.append(piece);
          generated.incrementAndGet();
          request.listener().onText(piece, List.of(new TokenInfo(1, Float.NaN, List.of())));
        }
      } catch (InterruptedException e) {
        cancelled.set(true);
      }
      running.decrementAndGet();
      double seconds = Math.max(1e-9, (System.nanoTime() - first) / 1e9);
      Finish finish = count < pieces.size() ? Finish.LENGTH : Finish.STOP;
      int slots = request.prompt().length + count;
      var stats =
          new GenerationStats(
              0.1,
              (first - start) / 1e6 + 0.1,
              2500,
              (count - 1) / seconds,
              10,
              slots,
              slots * 23_040L);
      var done =
          new GenerationResult(
              said.toString(),
              new int[count],
              cancelled.get() ? Finish.CANCELLED : finish,
              request.prompt().length,
              0,
              stats);
      request.listener().onDone(done);
      result.complete(done);
    }

    @Override
    public void cancel() {
      cancelled.set(true);
    }

    @Override
    public boolean isDone() {
      return result.isDone();
    }

    @Override
    public GenerationResult await() {
      try {
        return result.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public float[] embed(int[] tokens) {
    return new float[576];
  }

  @Override
  public EngineStats stats() {
    long slots = running.get() * 300L;
    return new EngineStats(
        running.get(),
        0,
        slots,
        16_384,
        0,
        0,
        generated.get(),
        requests.size(),
        0,
        0,
        150 << 20,
        360L << 20);
  }

  @Override
  public void close() {}
}
