package io.otium.lm.engine;

import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.Team;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.SoftPrompt;
import io.otium.lm.text.Tokenizer;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests through a model, many at a time. Requests come from any thread and wait in a
 * bounded queue; one thread ({@link Scheduler}) owns all that follows.
 */
public final class Engine implements AutoCloseable {
  private final ModelConfig config;
  private final EngineOptions options;
  private final Tokenizer tokenizer;
  private final int context;
  private final BlockingQueue<ActiveSequence> waiting;
  private final Team team;
  private final Arena cacheArena = Arena.ofShared();
  private final PromptCache prompt;
  private final Scheduler scheduler;
  private final EngineWeights weights;
  private final SplittableRandom seeds = new SplittableRandom();

  /**
   * @param prompt stands before every sequence; null for none
   */
  Engine(
      ModelConfig config,
      EngineWeights weights,
      Tokenizer tokenizer,
      EngineOptions options,
      @Nullable SoftPrompt prompt) {
    this.config = config;
    this.options = options;
    this.tokenizer = tokenizer;
    this.weights = weights;
    int promptLength = prompt == null ? 0 : prompt.length();
    this.context = Math.min(options.contextOf(config.context()), config.context() - promptLength);
    int threads =
        options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
    this.team = new Team(threads);
    this.waiting = new ArrayBlockingQueue<>(Math.max(1, options.maxWaiting()));
    int cacheTokens = options.cacheTokensOf(config.context());
    int pages =
        (Math.ceilDiv(cacheTokens, KvPages.SLOTS) + PromptCache.pages(prompt)) * config.layers();
    var memory =
        new KvPages(options.halfCache(), config.kvHeads(), config.headDim(), pages, cacheArena);
    var transformer = new Transformer(config, weights, memory, team);
    var pool = new PagePool(memory);
    this.prompt = new PromptCache(config, prompt, transformer, pool);
    this.scheduler = new Scheduler(config, options, transformer, pool, this.prompt, waiting);
    scheduler.start();
  }

  /** Most tokens of prompt and answer together. */
  public int context() {
    return context;
  }

  /**
   * Queues a request.
   *
   * @throws IllegalArgumentException if the prompt is empty, too long for the context or the cache,
   *     or holds a token outside the vocabulary
   * @throws QueueFullException if too many wait already
   */
  public Generation submit(GenerationRequest request) {
    int[] prompt = request.prompt();
    GenerateOptions o = request.options();
    if (prompt.length == 0)
      throw new IllegalArgumentException("the prompt has no tokens; it needs at least 1");
    for (int token : prompt) {
      if (token < 0 || token >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "token "
                + token
                + " is not in the vocabulary; ids go from 0 to "
                + (config.vocabulary() - 1));
      }
    }
    if (this.prompt.length() > 0 && request.hook() != SequenceHook.NONE) {
      throw new IllegalArgumentException(
          "the model has a soft prompt, with which lazy methods are not offered; leave them out");
    }
    int room = Math.min(context, scheduler.cacheTokens()) - prompt.length;
    int least = o.maxTokens() == 0 ? 0 : 1;
    if (room < least) {
      throw new ContextTooLongException(
          prompt.length, Math.max(o.maxTokens(), 0), Math.min(context, scheduler.cacheTokens()));
    }
    if (o.maxTokens() > room) {
      throw new ContextTooLongException(
          prompt.length, o.maxTokens(), Math.min(context, scheduler.cacheTokens()));
    }
    int most = o.maxTokens() < 0 ? room : o.maxTokens();
    long seed = o.seed() == -1 ? nextSeed() : o.seed();
    var sampler = new Sampler(o, seed, config.vocabulary(), prompt);
    var sequence = new ActiveSequence(request, sampler, new AnswerText(tokenizer, o.stop()), most);
    AdapterWeights adapter = request.adapter();
    if (scheduler.isClosed() || adapter != null && adapter.isClosed())
      throw new IllegalStateException("the model has been unloaded");
    if (!waiting.offer(sequence)) throw new QueueFullException(waiting.size());
    scheduler.wake();
    return sequence;
  }

  private synchronized long nextSeed() {
    return seeds.nextLong();
  }

  /** Mean of the final hidden states of the tokens, scaled to length 1: {@code [width]}. */
  public float[] embed(int[] tokens) {
    return embed(tokens, null);
  }

  /** The same with an adapter, or without. */
  public float[] embed(int[] tokens, @Nullable AdapterWeights adapter) {
    return scheduler.embed(tokens, adapter);
  }

  /**
   * Natural logarithms of the next token's probabilities after each token of a text that stands
   * alone: {@code [tokens][vocabulary]}. Takes 4 bytes for each number; for experiments.
   */
  public float[][] logProbs(int[] tokens) {
    return logProbs(tokens, null);
  }

  /** The same with an adapter, or without. */
  public float[][] logProbs(int[] tokens, @Nullable AdapterWeights adapter) {
    return scheduler.logProbs(tokens, adapter);
  }

  ModelConfig config() {
    return config;
  }

  Precision precision() {
    return weights.layers().getFirst().o().tiles().precision();
  }

  /** Ends an adapter's requests and frees its memory. */
  void drop(AdapterWeights adapter) {
    if (adapter.isClosed()) return;
    scheduler.retire(adapter);
    adapter.free();
  }

  public EngineStats stats() {
    return scheduler.stats(weights.bytes());
  }

  int threads() {
    return team.size();
  }

  /** Generates a little with all kinds of steps, so that the compiler has seen them. */
  void warmUp() {
    int[] prompt = new int[Math.min(context / 2, 300)];
    for (int i = 0; i < prompt.length; i++) prompt[i] = (i * 7919 + 1) % config.vocabulary();
    for (int round = 0; round < 3; round++) {
      prompt[0] = round; // not to find the last round's cache
      submit(
              new GenerationRequest(
                  prompt,
                  GenerateOptions.greedy(Math.min(24, context / 4)),
                  GenerationListener.NONE))
          .await();
    }
  }

  /** Ends what runs as cancelled, and frees the cache. */
  @Override
  public void close() {
    scheduler.close();
    team.close();
    cacheArena.close();
  }
}
