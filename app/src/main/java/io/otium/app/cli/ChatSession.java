package io.otium.app.cli;

import io.otium.core.options.Options;
import io.otium.lm.LanguageModel;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.TokenInfo;
import io.otium.lm.text.ChatMessage;
import io.otium.serve.LazyInference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A conversation: its model, its messages, its settings. Knows no terminal. One thread talks;
 * {@link #stop} may be called from any.
 */
final class ChatSession implements AutoCloseable {
  private final Function<String, LanguageModel> loader;
  private final Options<GenerateOptions> options;
  private final Map<String, String> settings;
  private final LazyInference methods;
  private final List<ChatMessage> messages = new ArrayList<>();
  private LanguageModel model;
  private @Nullable String system;
  private @Nullable GenerationResult last;
  private volatile @Nullable Generation running;

  ChatSession(
      LanguageModel model,
      Function<String, LanguageModel> loader,
      Options<GenerateOptions> options,
      Map<String, String> settings,
      LazyInference methods) {
    this.model = model;
    this.loader = loader;
    this.options = options;
    this.settings = new LinkedHashMap<>(settings);
    this.methods = methods;
  }

  LanguageModel model() {
    return model;
  }

  @Nullable String system() {
    return system;
  }

  /** The conversation so far, without the system's text. */
  List<ChatMessage> messages() {
    return List.copyOf(messages);
  }

  @Nullable GenerationResult last() {
    return last;
  }

  /** The settings as typed, over the defaults. */
  GenerateOptions settings() {
    return options.fromText(settings, "");
  }

  Options<GenerateOptions> options() {
    return options;
  }

  /** What the model is told before the conversation; nothing where blank. */
  void tell(String text) {
    system = text.isBlank() ? null : text;
  }

  void clear() {
    messages.clear();
    last = null;
  }

  /**
   * Changes a setting.
   *
   * @param key in any spelling
   * @param value {@code -} for the default
   * @throws io.otium.core.options.OptionException if it is unknown or the value not allowed
   */
  void set(String key, String value) {
    String flag = options.field(key).flag();
    Map<String, String> changed = new LinkedHashMap<>(settings);
    if (value.equals("-")) {
      changed.remove(flag);
    } else {
      changed.put(flag, value);
    }
    options.fromText(changed, "");
    settings.clear();
    settings.putAll(changed);
  }

  /** Goes on with another model; the conversation stays. */
  void use(String name) {
    LanguageModel next = loader.apply(name);
    if (!next.canChat()) {
      next.close();
      throw new IllegalArgumentException(name + " has no chat template; it cannot talk");
    }
    model.close();
    model = next;
  }

  /**
   * Asks, and waits for the answer, which comes in pieces. An answer that was stopped stays as far
   * as it came; a question that failed leaves the conversation as it was.
   */
  GenerationResult ask(String question, Consumer<String> print) {
    messages.add(ChatMessage.user(question));
    try {
      return answer(print);
    } catch (RuntimeException e) {
      messages.removeLast();
      throw e;
    }
  }

  /** Answers the last question anew. */
  GenerationResult again(Consumer<String> print) {
    if (messages.isEmpty()) throw new IllegalStateException("nothing was asked yet");
    ChatMessage old = messages.removeLast();
    try {
      return answer(print);
    } catch (RuntimeException e) {
      messages.add(old);
      throw e;
    }
  }

  private GenerationResult answer(Consumer<String> print) {
    List<ChatMessage> all = new ArrayList<>();
    if (system != null) all.add(ChatMessage.system(system));
    all.addAll(messages);
    GenerationListener listener =
        new GenerationListener() {
          @Override
          public void onText(String text, List<TokenInfo> tokens) {
            print.accept(text);
          }
        };
    int[] prompt = model.chatPrompt(all);
    GenerateOptions fitting = Answering.fitting(settings(), settings, model, prompt);
    Generation generation =
        model.submit(
            new GenerationRequest(prompt, fitting, methods.newHook(model.info()), listener));
    running = generation;
    GenerationResult result;
    try {
      result = generation.await();
    } finally {
      running = null;
    }
    messages.add(ChatMessage.assistant(result.text()));
    last = result;
    return result;
  }

  /** Stops the answer under way, if there is one; false if there is none. */
  boolean stop() {
    Generation generation = running;
    if (generation == null) return false;
    generation.cancel();
    return true;
  }

  void save(Path file) {
    new ChatFile(model.info().id(), system, settings, messages).write(file);
  }

  /** Takes a saved conversation and its settings up again, with the model that is loaded. */
  void load(Path file) {
    ChatFile saved = ChatFile.read(file);
    options.fromText(saved.settings(), "");
    system = saved.system();
    settings.clear();
    settings.putAll(saved.settings());
    messages.clear();
    messages.addAll(saved.messages());
    last = null;
  }

  @Override
  public void close() {
    model.close();
  }
}
