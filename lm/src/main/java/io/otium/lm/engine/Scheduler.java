package io.otium.lm.engine;

import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.model.ModelConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching: every step takes one token of each sequence that generates and fills up with
 * prompt tokens, so that a long prompt holds the others up by at most a chunk. A request is
 * admitted when the cache has room for its prompt; when pages run out later, the youngest sequence
 * gives way and is computed again when there is room.
 */
final class Scheduler {
  /** Prompt tokens of a step when nobody else waits for a token. */
  private static final int ALONE_CHUNK = 512;

  /**
   * Rows of a step whose logits are all wanted: the logits of a row are as large as the vocabulary.
   */
  private static final int SCORING_CHUNK = 64;

  /** Work on a text alone, done between the batches. */
  private record Reading<T>(Supplier<T> work, CompletableFuture<T> result) {
    void run() {
      try {
        result.complete(work.get());
      } catch (Throwable failure) {
        result.completeExceptionally(failure);
      }
    }
  }

  private final ModelConfig config;
  private final EngineOptions options;
  private final Transformer transformer;
  private final PagePool pool;
  private final PromptCache prompt;

  /** Pages of each layer that the prompt holds. */
  private final int promptPages;

  private final PrefixCache prefixes;
  private final LoneText lone;
  private final BlockingQueue<ActiveSequence> waiting;
  private final ConcurrentLinkedQueue<Reading<?>> readings = new ConcurrentLinkedQueue<>();

  /** Admitted, in order of admission. */
  private final List<ActiveSequence> running = new ArrayList<>();

  /** Taken from the queue and not admitted yet, or sent back for want of pages. */
  private final Deque<ActiveSequence> next = new ArrayDeque<>();

  private final Thread thread;
  private volatile boolean closed;
  private volatile Counters counters = new Counters(0, 0, 0, 0, 0, 0, 0, 0, 0);

  private record Counters(
      int running,
      long slots,
      long prompt,
      long cached,
      long generated,
      long requests,
      double prefill,
      double decode,
      int queued) {}

  private long promptTokens;
  private long cachedTokens;
  private long generatedTokens;
  private long requests;
  private double prefillSeconds;
  private double decodeSeconds;

  Scheduler(
      ModelConfig config,
      EngineOptions options,
      Transformer transformer,
      PagePool pool,
      PromptCache prompt,
      BlockingQueue<ActiveSequence> waiting) {
    this.config = config;
    this.options = options;
    this.transformer = transformer;
    this.pool = pool;
    this.prompt = prompt;
    this.promptPages = pool.memory().count() / config.layers() - pool.freePages() / config.layers();
    this.prefixes = new PrefixCache(pool);
    this.waiting = waiting;
    this.lone = new LoneText(config, options, transformer, pool, prompt, prefixes);
    this.thread = Thread.ofPlatform().name("otium-engine").daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  boolean isClosed() {
    return closed;
  }

  int cacheTokens() {
    int pages = pool.memory().count() / config.layers();
    return (prompt.length() == 0 ? pages : pages - promptPages - 1) * KvPages.SLOTS;
  }

  EngineStats stats(long weightBytes) {
    Counters c = counters;
    return new EngineStats(
        c.running(),
        waiting.size() + c.queued(),
        c.slots(),
        cacheTokens(),
        c.prompt(),
        c.cached(),
        c.generated(),
        c.requests(),
        c.prefill(),
        c.decode(),
        weightBytes,
        pool.memory().count() * pool.memory().pageBytes());
  }

  float[] embed(int[] tokens, @Nullable AdapterWeights adapter) {
    return read(tokens, () -> lone.embed(tokens, adapter));
  }

  float[][] logProbs(int[] tokens, @Nullable AdapterWeights adapter) {
    return read(tokens, () -> lone.logProbs(tokens, adapter));
  }

  /** Ends the requests that run or wait with an adapter; afterwards nobody uses it. */
  void retire(AdapterWeights adapter) {
    adapter.retire();
    var reading =
        new Reading<>(
            () -> {
              for (ActiveSequence sequence : List.copyOf(running)) {
                if (sequence.request.adapter() == adapter) end(sequence, Finish.CANCELLED);
              }
              return true;
            },
            new CompletableFuture<Boolean>());
    readings.add(reading);
    wake();
    if (!closed) reading.result().join();
  }

  private <T> T read(int[] tokens, Supplier<T> work) {
    if (tokens.length == 0)
      throw new IllegalArgumentException("the text has no tokens; it needs at least 1");
    if (tokens.length > Math.min(config.context(), cacheTokens())) {
      throw new ContextTooLongException(
          tokens.length, 0, Math.min(config.context(), cacheTokens()));
    }
    var reading = new Reading<>(work, new CompletableFuture<T>());
    readings.add(reading);
    if (closed)
      reading
          .result()
          .completeExceptionally(new IllegalStateException("the model has been unloaded"));
    wake();
    return reading.result().join();
  }

  void close() {
    closed = true;
    wake();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    while (!closed) {
      try {
        admit();
        runReadings();
        if (running.isEmpty()) {
          count();
          if (next.isEmpty() && waiting.isEmpty() && readings.isEmpty() && !closed)
            LockSupport.park(this);
        } else {
          step();
        }
      } catch (Throwable failure) {
        failAll(failure);
      }
    }
    for (ActiveSequence sequence : List.copyOf(running)) end(sequence, Finish.CANCELLED);
    for (ActiveSequence sequence : next) sequence.finish(Finish.CANCELLED, config.layers());
    for (ActiveSequence s = waiting.poll(); s != null; s = waiting.poll())
      s.finish(Finish.CANCELLED, config.layers());
    for (Reading<?> reading = readings.poll(); reading != null; reading = readings.poll()) {
      reading
          .result()
          .completeExceptionally(new IllegalStateException("the model has been unloaded"));
    }
  }

  /**
   * A defect of the engine or a dead native library: the requests under way end with it, the engine
   * goes on.
   */
  private void failAll(Throwable failure) {
    for (ActiveSequence sequence : List.copyOf(running)) fail(sequence, failure);
  }

  private void admit() {
    while (running.size() < options.maxRunning()) {
      ActiveSequence candidate = next.pollFirst();
      if (candidate == null) candidate = waiting.poll();
      if (candidate == null) return;
      if (candidate.cancelled || isRetired(candidate.request.adapter())) {
        candidate.finish(Finish.CANCELLED, config.layers());
        continue;
      }
      if (!fits(candidate) || sharesWhatIsUnderWay(candidate)) {
        next.addFirst(candidate);
        return;
      }
      candidate.begin();
      SequenceCache cache = prompt.begin(candidate.request.hook() != SequenceHook.NONE);
      candidate.cache = cache;
      boolean all =
          candidate.request.options().echo() && candidate.request.options().logprobs() >= 0;
      int known =
          usesPrefixes(candidate) && !all
              ? prefixes.adopt(candidate.request.adapter(), prefix(candidate), cache)
              : 0;
      candidate.computed = known;
      if (candidate.cachedTokens < 0) {
        candidate.cachedTokens = known;
        requests++;
        cachedTokens += known;
      }
      running.add(candidate);
    }
  }

  private static boolean isRetired(@Nullable AdapterWeights adapter) {
    return adapter != null && adapter.isClosed();
  }

  private boolean usesPrefixes(ActiveSequence sequence) {
    return options.prefixCache()
        && prompt.length() == 0
        && !sequence.request.hook().evicts()
        && sequence.request.hook() == SequenceHook.NONE;
  }

  private static int[] prefix(ActiveSequence sequence) {
    return java.util.Arrays.copyOf(sequence.tokens, sequence.length);
  }

  /** Room for the prompt (and answer so far) and one page more for each sequence that runs. */
  private boolean fits(ActiveSequence candidate) {
    int perLayer = candidate.length / KvPages.SLOTS + 1 + running.size();
    if (prompt.length() > 0) perLayer++; // its last page is copied
    int need = perLayer * config.layers();
    if (pool.freePages() < need) prefixes.makeRoom(need);
    return pool.freePages() >= need || running.isEmpty();
  }

  /**
   * A prompt that begins like one being computed waits for it, instead of computing the same beside
   * it.
   */
  private boolean sharesWhatIsUnderWay(ActiveSequence candidate) {
    if (!usesPrefixes(candidate)) return false;
    int known = prefixes.match(candidate.request.adapter(), candidate.request.prompt());
    int end = known + KvPages.SLOTS;
    if (candidate.length <= end) return false;
    for (ActiveSequence other : running) {
      if (!usesPrefixes(other)
          || other.request.adapter() != candidate.request.adapter()
          || other.computed >= other.promptLength()
          || other.promptLength() < end) continue;
      if (java.util.Arrays.equals(other.tokens, 0, end, candidate.tokens, 0, end)) return true;
    }
    return false;
  }

  private void step() {
    for (ActiveSequence sequence : List.copyOf(running)) {
      if (sequence.cancelled) end(sequence, Finish.CANCELLED);
    }
    List<ActiveSequence> members = new ArrayList<>();
    List<Batch.Part> parts = new ArrayList<>();
    compose(members, parts);
    if (members.isEmpty()) return;
    boolean hasPrompt = false;
    for (ActiveSequence member : members) hasPrompt |= member.computed < member.promptLength();
    long begin = System.nanoTime();
    var batch = new Batch(parts);
    transformer.run(batch);
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (hasPrompt) prefillSeconds += seconds;
    else decodeSeconds += seconds;
    int logitRow = 0;
    for (int i = 0; i < members.size(); i++) {
      ActiveSequence member = members.get(i);
      Batch.Part part = parts.get(i);
      int wanted = 0;
      for (boolean w : part.wanted()) if (w) wanted++;
      try {
        advance(member, part, logitRow, wanted, seconds);
      } catch (Throwable failure) {
        fail(member, failure);
      }
      logitRow += wanted;
    }
    count();
  }

  /** Which tokens of which sequences go through the model together. */
  private void compose(List<ActiveSequence> members, List<Batch.Part> parts) {
    boolean othersGenerate = running.stream().anyMatch(s -> !s.prefilling());
    int promised = 0;
    int budget = othersGenerate ? options.chunk() : Math.max(ALONE_CHUNK, options.chunk());
    for (ActiveSequence sequence : List.copyOf(running)) {
      if (!running.contains(sequence)) continue; // gave way to an earlier one
      int rest = sequence.length - sequence.computed;
      boolean scores = scoresPrompt(sequence) && sequence.computed < sequence.promptLength();
      int n = rest == 1 ? 1 : Math.min(rest, scores ? Math.min(budget, SCORING_CHUNK) : budget);
      if (n <= 0) continue;
      int pages = cacheOf(sequence).pagesToGrow(n);
      if (!makeRoom(sequence, promised + pages)) continue;
      promised += pages; // taken when the layers need them
      if (rest > 1) budget -= n;
      int[] tokens =
          java.util.Arrays.copyOfRange(sequence.tokens, sequence.computed, sequence.computed + n);
      boolean[] wanted = new boolean[n];
      boolean reachesEnd = sequence.computed + n == sequence.length;
      if (scores) java.util.Arrays.fill(wanted, true);
      else if (reachesEnd && sequence.maxTokens > 0) wanted[n - 1] = true;
      members.add(sequence);
      parts.add(
          new Batch.Part(
              cacheOf(sequence),
              sequence.request.hook(),
              sequence.request.adapter(),
              tokens,
              prompt.length() + sequence.computed,
              wanted));
    }
  }

  private static boolean scoresPrompt(ActiveSequence sequence) {
    GenerateOptions o = sequence.request.options();
    return o.echo() && o.logprobs() >= 0;
  }

  private static SequenceCache cacheOf(ActiveSequence sequence) {
    SequenceCache cache = sequence.cache;
    if (cache == null) throw new IllegalStateException("a running sequence has no cache");
    return cache;
  }

  /**
   * Frees pages for the next tokens of a sequence: first from the prefix cache, then from the
   * youngest that runs. False if the sequence itself had to give way.
   */
  private boolean makeRoom(ActiveSequence sequence, int need) {
    prefixes.makeRoom(need);
    while (pool.freePages() < need) {
      ActiveSequence youngest = running.get(running.size() - 1);
      sendBack(youngest);
      if (youngest == sequence) return false;
      prefixes.makeRoom(need);
    }
    return true;
  }

  private void sendBack(ActiveSequence sequence) {
    running.remove(sequence);
    cacheOf(sequence).release();
    sequence.cache = null;
    sequence.computed = 0;
    next.addFirst(sequence);
  }

  private void advance(
      ActiveSequence sequence, Batch.Part part, int logitRow, int wanted, double seconds) {
    boolean wasPrompt = sequence.computed < sequence.promptLength();
    if (part.hook().evicts()) evict(sequence, part, wasPrompt);
    int first = sequence.computed;
    sequence.computed += part.tokens().length;
    if (wasPrompt) {
      sequence.spentOnPrompt(seconds);
      sequence.promptRowLayers += (long) part.tokens().length * config.layers();
      promptTokens += part.tokens().length;
      if (scoresPrompt(sequence)) deliverPrompt(sequence, first, part.tokens().length, logitRow);
      if (sequence.computed >= sequence.promptLength() && usesPrefixes(sequence)) {
        prefixes.publish(
            sequence.request.adapter(),
            sequence.tokens,
            sequence.promptLength(),
            cacheOf(sequence));
      }
    }
    if (sequence.computed < sequence.length) return;
    if (sequence.maxTokens == 0) {
      end(sequence, Finish.LENGTH);
      return;
    }
    draw(sequence, logitRow + wanted - 1);
  }

  private void evict(ActiveSequence sequence, Batch.Part part, boolean prompt) {
    int n = part.tokens().length;
    int[] positions = new int[n];
    for (int i = 0; i < n; i++) positions[i] = sequence.computed + i;
    var step =
        new SequenceHook.Step(
            sequence.computed, part.tokens(), positions, prompt, part.wanted()[n - 1]);
    part.hook().afterStep(step, new HookCalls.View(cacheOf(sequence)));
  }

  /** The log-probability of each prompt token, given those before it. */
  private void deliverPrompt(ActiveSequence sequence, int first, int count, int logitRow) {
    int top = sequence.request.options().logprobs();
    List<TokenInfo> infos = new ArrayList<>();
    if (first == 0) infos.add(new TokenInfo(sequence.tokens[0], Float.NaN, List.of()));
    for (int i = 0; i < count && first + i + 1 < sequence.promptLength(); i++) {
      int at = (logitRow + i) * transformer.logitStride();
      infos.add(
          Sampler.describe(
              transformer.logits(), at, config.vocabulary(), sequence.tokens[first + i + 1], top));
    }
    sequence.deliverPrompt(infos);
  }

  private void draw(ActiveSequence sequence, int logitRow) {
    GenerateOptions o = sequence.request.options();
    float[] logits = transformer.logits();
    int at = logitRow * transformer.logitStride();
    int token = sequence.sampler.draw(logits, at);
    sequence.append(token);
    generatedTokens++;
    if (!o.ignoreEos() && config.eos().contains(token)) {
      end(sequence, Finish.STOP);
      return;
    }
    TokenInfo info =
        o.logprobs() < 0
            ? new TokenInfo(token, Float.NaN, List.of())
            : Sampler.describe(logits, at, config.vocabulary(), token, o.logprobs());
    sequence.deliver(sequence.answer.add(info));
    if (sequence.answer.isStopped()) end(sequence, Finish.STOP);
    else if (sequence.generated() >= sequence.maxTokens) end(sequence, Finish.LENGTH);
  }

  private void end(ActiveSequence sequence, Finish finish) {
    running.remove(sequence);
    try {
      sequence.deliver(sequence.answer.flush());
      sequence.finish(finish, config.layers());
    } finally {
      SequenceCache cache = sequence.cache;
      if (cache != null) {
        if (usesPrefixes(sequence)) {
          prefixes.publish(sequence.request.adapter(), sequence.tokens, sequence.computed, cache);
        }
        cache.release();
        sequence.cache = null;
      }
    }
  }

  private void fail(ActiveSequence sequence, Throwable failure) {
    running.remove(sequence);
    SequenceCache cache = sequence.cache;
    if (cache != null) cache.release();
    sequence.cache = null;
    sequence.fail(failure);
  }

  private void runReadings() {
    for (Reading<?> reading = readings.poll(); reading != null; reading = readings.poll()) {
      reading.run();
    }
  }

  private void count() {
    long slots = 0;
    for (ActiveSequence sequence : running)
      slots += sequence.cache == null ? 0 : sequence.cache.meanSlots();
    counters =
        new Counters(
            running.size(),
            slots,
            promptTokens,
            cachedTokens,
            generatedTokens,
            requests,
            prefillSeconds,
            decodeSeconds,
            next.size());
  }
}
