package io.otium.lm;

import io.otium.lm.format.GgufFile;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Weights;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.text.Tokenizer;
import io.otium.lm.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model's files, opened: what a {@link Model} is made from. */
record ModelFiles(
    TensorSource source,
    Weights weights,
    Tokenizer tokenizer,
    @Nullable ChatTemplate template,
    long created) {

  /**
   * @throws IOException if the files cannot be read or are no model, with what is wrong
   */
  static ModelFiles open(Path path) throws IOException {
    if (!Files.exists(path)) throw new IOException("there is no model at " + path);
    long created = Files.getLastModifiedTime(path).toMillis() / 1000;
    if (Files.isDirectory(path)) {
      Path gguf = onlyGguf(path);
      return gguf == null ? folder(path, created) : gguf(gguf, created);
    }
    if (path.toString().endsWith(".gguf")) return gguf(path, created);
    throw new IOException(
        path + " is no model: give a .gguf file, or a folder with config.json and safetensors");
  }

  private static @Nullable Path onlyGguf(Path folder) throws IOException {
    if (Files.exists(folder.resolve("config.json"))) return null;
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".gguf"))
          .sorted()
          .findFirst()
          .orElse(null);
    }
  }

  private static ModelFiles gguf(Path path, long created) throws IOException {
    GgufFile file = GgufFile.open(path);
    try {
      Map<String, Object> metadata = file.metadata();
      ModelConfig config = ModelConfig.fromGguf(metadata, file);
      Tokenizer tokenizer = Tokenizers.fromGguf(metadata);
      Tokenizers.check(tokenizer, config.vocabulary());
      String source = file.stringOrNull("tokenizer.chat_template");
      ChatTemplate template =
          source == null ? null : ChatTemplate.of(source, specialTokens(file, tokenizer));
      return new ModelFiles(file, Weights.of(config, file), tokenizer, template, created);
    } catch (IllegalArgumentException wrong) {
      file.close();
      throw new IOException(path + ": " + wrong.getMessage(), wrong);
    }
  }

  /** What chat templates call {@code bos_token} and {@code eos_token}. */
  private static Map<String, Object> specialTokens(GgufFile file, Tokenizer tokenizer)
      throws IOException {
    Map<String, Object> values = new HashMap<>();
    for (String kind : List.of("bos", "eos", "unknown", "padding")) {
      int id = file.integer("tokenizer.ggml." + kind + "_token_id", -1);
      String name = kind.equals("unknown") ? "unk" : kind.equals("padding") ? "pad" : kind;
      if (id >= 0 && id < tokenizer.vocabularySize()) {
        values.put(name + "_token", tokenizer.token(id));
      }
    }
    return values;
  }

  private static ModelFiles folder(Path path, long created) throws IOException {
    throw new IOException(path + " holds safetensors");
  }

  /** Path, size and time of the file: what changes when the weights do. */
  String identity() throws IOException {
    Path path = source.path().toAbsolutePath();
    return path + " " + Files.size(path) + " " + Files.getLastModifiedTime(path).toMillis();
  }

  void closeWeights() {
    source.close();
  }
}
