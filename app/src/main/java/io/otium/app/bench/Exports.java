package io.otium.app.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.Model;
import io.otium.lm.ModelFiles;
import io.otium.lm.TrainedFiles;
import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.LoraOptions;
import io.otium.lm.export.ExportOptions;
import io.otium.lm.export.ModelExport;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A fine-tune in the files of other programs, and what Otium makes of some prompts with it, at
 * fp32. A model that is no adapter gets one of random numbers.
 */
final class Exports {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final LoadOptions FULL = LoadOptions.defaults().withWeights(WeightPrecision.FP32);

  private static final List<String> TEXTS =
      List.of(
          "The lighthouse stood on the cliff, and its keeper counted 1,234 ships a year.",
          "def f(x):\n\treturn x ** 2  # naïve, über, 北京, 😀");

  private static final String QUESTION = "Who keeps the lighthouse?";

  /**
   * What is asked.
   *
   * @param text a plain text, or what a user says in a chat
   * @param tokens as Otium reads them
   * @param logProbs {@code [tokens][vocabulary]}
   */
  record Prompt(String text, boolean chat, int[] tokens, float[][] logProbs) {}

  private final Path folder;
  private final Path model;
  private final List<Prompt> prompts = new ArrayList<>();

  /**
   * Writes all forms and asks Otium.
   *
   * @param source the model, or an adapter
   * @param folder for the files, which are gone with this process
   */
  Exports(Path source, Path folder, Consumer<String> progress) throws IOException {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "delete exports"));
    Path original = Files.isDirectory(source) && AdapterFiles.areIn(source) ? source : null;
    this.model = original == null ? randomAdapter(source) : original;
    progress.accept("exporting as safetensors, gguf and adapter at f32");
    export(TrainedFiles.origin(model), "base", Map.of("format", "safetensors", "type", "f32"));
    export(model, "adapter", Map.of("base", base().toString()));
    export(model, "merged", Map.of("merge", true, "type", "f32"));
    export(model, "merged.gguf", Map.of("type", "f32"));
    ModelFiles files = ModelFiles.open(model);
    files.closeWeights();
    Tokenizer tokenizer = files.text().tokenizer();
    try (Model loaded = Model.load("exported", model, FULL)) {
      for (String text : TEXTS) add(loaded, text, false, tokenizer.encode(text, false, true));
      if (files.text().chatTemplate() != null) {
        List<ChatMessage> chat = List.of(ChatMessage.user(QUESTION));
        add(loaded, QUESTION, true, files.text().chatPrompt(chat, true, Map.of()));
      }
    }
  }

  private void add(Model model, String text, boolean chat, int[] tokens) {
    prompts.add(new Prompt(text, chat, tokens, model.logProbs(tokens)));
  }

  private void export(Path from, String to, Map<String, ?> options) throws IOException {
    Map<String, Object> all = new HashMap<>(options);
    all.put("to", to);
    var _ = ModelExport.of("exported", from, ExportOptions.OPTIONS.fromMap(all), folder).write();
  }

  private Path randomAdapter(Path source) throws IOException {
    Path made = folder.resolve("random");
    ModelFiles files = ModelFiles.open(source);
    try (AutogradModel twin = AutogradModel.of(files.weights(), DType.F32);
        Lora lora = Lora.on(twin, LoraOptions.DEFAULTS, new Randomness(1));
        var _ = new Scope();
        var _ = new NoGrad()) {
      RandomStream random = new Randomness(2).stream(Randomness.INIT);
      lora.parameters().values().forEach(each -> random.normalInPlace(each, 0, 0.02));
      AdapterFiles.write(lora, source.toString(), made);
    } finally {
      files.closeWeights();
    }
    return made;
  }

  /** The model that the adapter belongs to, for transformers. */
  Path base() {
    return folder.resolve("base");
  }

  /** The adapter, for peft. */
  Path adapter() {
    return folder.resolve("adapter");
  }

  /** The model with the adapter in it, for transformers. */
  Path merged() {
    return folder.resolve("merged");
  }

  /** The same for llama.cpp. */
  Path gguf() {
    return folder.resolve("merged.gguf");
  }

  List<Prompt> prompts() {
    return List.copyOf(prompts);
  }

  /** A file or folder for what a peer writes. */
  Path fresh(String name) {
    return folder.resolve(name);
  }

  /** The prompts as {@code peer_logits.py} takes them. */
  Path promptsFile() throws IOException {
    ArrayNode list = MAPPER.createArrayNode();
    for (Prompt prompt : prompts) {
      ObjectNode node = list.addObject().put("text", prompt.text()).put("chat", prompt.chat());
      for (int id : prompt.tokens()) node.withArray("ids").add(id);
    }
    return Files.writeString(folder.resolve("prompts.json"), MAPPER.writeValueAsString(list));
  }

  /**
   * The largest difference to log-probabilities that {@code peer_logits.py} wrote.
   *
   * @throws BenchException if they are of another size
   */
  double difference(Path file) throws IOException {
    double largest = 0;
    try (FileChannel channel = FileChannel.open(file)) {
      var numbers =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      for (Prompt prompt : prompts) {
        for (float[] row : prompt.logProbs()) {
          if (numbers.remaining() < row.length) {
            throw new BenchException("the peer's vocabulary is smaller than Otium's");
          }
          float[] theirs = new float[row.length];
          numbers.get(theirs);
          largest = Math.max(largest, difference(row, theirs));
        }
      }
      if (numbers.hasRemaining()) {
        throw new BenchException("the peer's vocabulary is larger than Otium's");
      }
    }
    return largest;
  }

  /** The largest difference between what Otium makes of the prompts now and with another model. */
  double differenceOf(Path other) throws IOException {
    double largest = 0;
    try (Model loaded = Model.load("imported", other, FULL)) {
      for (Prompt prompt : prompts) {
        float[][] rows = loaded.logProbs(prompt.tokens());
        for (int i = 0; i < rows.length; i++) {
          largest = Math.max(largest, difference(prompt.logProbs()[i], rows[i]));
        }
      }
    }
    return largest;
  }

  static double difference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
    return largest;
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
    } catch (IOException kept) {
      // A folder among the peers' models, which a person may delete.
    }
  }
}
