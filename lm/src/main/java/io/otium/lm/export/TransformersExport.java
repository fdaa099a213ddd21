package io.otium.lm.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.ModelFiles;
import io.otium.lm.export.ExportOptions.Format;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.NewFolder;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorNumbers;
import io.otium.lm.format.TensorType;
import io.otium.lm.model.ConfigJson;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.StoredTensors;
import io.otium.lm.text.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder that transformers loads: configuration, tokenizer, chat template and safetensors. What
 * the model had of these files is copied; a GGUF file's metadata is written as them.
 */
final class TransformersExport {
  /** As transformers shards by default. */
  private static final long SHARD_BYTES = 5_000_000_000L;

  private static final Set<TensorType> PLAIN =
      Set.of(TensorType.F32, TensorType.F16, TensorType.BF16);

  /** A folder's files besides its configuration and weights. */
  private static final List<String> TEXT_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "generation_config.json",
          "added_tokens.json",
          "chat_template.jinja",
          "chat_template.json",
          "vocab.json",
          "vocab.txt",
          "merges.txt",
          "tokenizer.model");

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ModelFiles files;
  private final Path origin;

  /**
   * @param origin the model's own GGUF file or folder, if it is what training made of another
   */
  TransformersExport(ModelFiles files, Path origin) {
    this.files = files;
    this.origin = origin;
  }

  ExportedModel write(@Nullable TensorType asked, Path target) throws IOException {
    TensorType type = asked == null ? usual() : asked;
    List<TensorNumbers> tensors = StoredTensors.huggingFace(files.weights());
    long bytes = tensors.stream().mapToLong(tensor -> type.bytes(tensor.elements())).sum();
    ObjectNode config = config(type);
    Map<String, String> made = Files.isDirectory(origin) ? Map.of() : ofGguf();
    ModelExport.requireRoom(target, bytes);
    var weights = new SafetensorsWriter();
    for (TensorNumbers tensor : tensors) weights.tensor(tensor, type);
    try (var folder = new NewFolder(target)) {
      for (var file : made.entrySet()) folder.text(file.getKey(), file.getValue());
      for (String name : TEXT_FILES) {
        Path own = origin.resolve(name);
        if (Files.isDirectory(origin) && Files.exists(own)) folder.copy(own);
      }
      weights.writeSharded(folder.path(), SHARD_BYTES);
      folder.text("config.json", pretty(config));
      folder.finish();
    }
    return new ExportedModel(
        target, Format.SAFETENSORS, type.name().toLowerCase(Locale.ROOT), tensors.size(), bytes);
  }

  /** As the weights are stored; quantised ones in a type that loses nothing. */
  private TensorType usual() {
    TensorType stored = files.weights().layer(0).q().weight().stored().type();
    return PLAIN.contains(stored) ? stored : TensorType.F32;
  }

  private ObjectNode config(TensorType type) throws IOException {
    Path own = origin.resolve("config.json");
    ObjectNode config =
        Files.isDirectory(origin) && MAPPER.readTree(own.toFile()) instanceof ObjectNode read
            ? read
            : ConfigJson.of(files.weights().config());
    config.remove("dtype"); // version 5's key, in place of the older one that both read
    config.put(
        "torch_dtype",
        switch (type) {
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> "float32";
        });
    return config;
  }

  private Map<String, String> ofGguf() throws IOException {
    ModelConfig config = files.weights().config();
    Map<String, String> all;
    try (GgufFile gguf = GgufFile.open(origin)) {
      all =
          new LinkedHashMap<>(
              TokenizerFiles.ofGguf(gguf.metadata(), files.text(), config.context()));
    }
    ObjectNode generation = MAPPER.createObjectNode();
    if (config.bos() >= 0) generation.put("bos_token_id", config.bos());
    var ends = generation.putArray("eos_token_id");
    config.eos().forEach(ends::add);
    files.text().tokenizer().eos().stream()
        .filter(id -> !config.eos().contains(id))
        .sorted()
        .forEach(ends::add);
    if (ends.isEmpty()) generation.remove("eos_token_id");
    all.put("generation_config.json", pretty(generation));
    return all;
  }

  private static String pretty(ObjectNode json) throws IOException {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }
}
