package io.otium.lm.export;

import io.otium.lm.ModelFiles;
import io.otium.lm.export.ExportOptions.Format;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.GgufValue;
import io.otium.lm.format.GgufWriter;
import io.otium.lm.format.TensorNumbers;
import io.otium.lm.format.TensorType;
import io.otium.lm.model.GgufMetadata;
import io.otium.lm.model.StoredTensors;
import io.otium.lm.model.WeightTensor;
import io.otium.lm.text.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that llama.cpp loads: weights, configuration, tokenizer and chat template. What a GGUF
 * file says of the model it holds is kept.
 */
final class GgufExport {
  private static final Set<TensorType> PLAIN =
      Set.of(TensorType.F32, TensorType.F16, TensorType.BF16);

  /** Numbers that llama.cpp's converter never packs. */
  private static final Set<String> FULL =
      Set.of("position_embd.weight", "rope_freqs.weight", "token_types.weight");

  /** Matrices that decide most of the logits: they stay at 8 bits where others have 4. */
  private static final Set<String> WIDE = Set.of("token_embd.weight", "output.weight");

  private final ModelFiles files;
  private final Path origin;
  private final String name;

  /**
   * @param origin the model's own GGUF file or folder, if it is what training made of another
   * @param name of the model, for people
   */
  GgufExport(ModelFiles files, Path origin, String name) {
    this.files = files;
    this.origin = origin;
    this.name = name;
  }

  ExportedModel write(@Nullable TensorType asked, Path target) throws IOException {
    if (asked == null && files.source() instanceof GgufFile file && !isAdapted()) {
      return copy(file, target);
    }
    TensorType type = asked == null ? usual() : asked;
    var writer = new GgufWriter().values(values());
    writer.value("general.file_type", GgufValue.uint32(fileType(type)));
    writer.value("general.quantization_version", GgufValue.uint32(2));
    long bytes = 0;
    List<TensorNumbers> tensors = StoredTensors.gguf(files.weights());
    for (TensorNumbers tensor : tensors) {
      TensorType as = type(tensor, type);
      writer.tensor(tensor, as);
      bytes += as.bytes(tensor.elements());
    }
    return write(writer, type.name().toLowerCase(Locale.ROOT), tensors.size(), bytes, target);
  }

  /** The file's own tensors and metadata: nothing is unpacked and packed again. */
  private static ExportedModel copy(GgufFile file, Path target) throws IOException {
    var writer = new GgufWriter().values(file.values());
    long bytes = 0;
    List<String> types = new ArrayList<>();
    for (String tensor : file.names()) {
      var data = file.require(tensor);
      writer.tensor(data);
      bytes += data.data().byteSize();
      if (data.shape().length > 1) types.add(data.type().name().toLowerCase(Locale.ROOT));
    }
    String type = types.stream().distinct().count() == 1 ? types.getFirst() : "mixed";
    return write(writer, type, file.names().size(), bytes, target);
  }

  private static ExportedModel write(
      GgufWriter writer, String type, int tensors, long bytes, Path target) throws IOException {
    ModelExport.requireRoom(target, bytes);
    writer.write(target);
    return new ExportedModel(target, Format.GGUF, type, tensors, Files.size(target));
  }

  private boolean isAdapted() {
    return files.weights().linears().anyMatch(WeightTensor::isAdapted);
  }

  /** As the weights are stored; those that were packed and then adapted at 8 bits. */
  private TensorType usual() {
    TensorType stored = files.weights().layer(0).q().weight().stored().type();
    return PLAIN.contains(stored) ? stored : TensorType.Q8_0;
  }

  private static TensorType type(TensorNumbers tensor, TensorType asked) {
    long[] shape = tensor.shape();
    if (shape.length == 1 || FULL.contains(tensor.name())) return TensorType.F32;
    TensorType as =
        asked == TensorType.Q4_0 && WIDE.contains(tensor.name()) ? TensorType.Q8_0 : asked;
    return shape[1] % as.blockSize() == 0 ? as : TensorType.F16;
  }

  private Map<String, GgufValue> values() throws IOException {
    Map<String, GgufValue> all = new LinkedHashMap<>();
    if (Files.isDirectory(origin)) {
      all.putAll(GgufMetadata.of(files.weights().config()));
      all.put("general.name", GgufValue.string(name));
      all.putAll(
          TokenizerFiles.gguf(
              origin.resolve("tokenizer.json"),
              files.text(),
              files.weights().config().vocabulary()));
    } else {
      try (GgufFile gguf = GgufFile.open(origin)) {
        all.putAll(gguf.values());
      }
      all.put("general.name", GgufValue.string(name));
    }
    return all;
  }

  /** llama.cpp's number for the type of most tensors. */
  private static int fileType(TensorType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q8_0 -> 7;
      case BF16 -> 32;
      default -> throw new IllegalArgumentException(type + " is no type that is exported");
    };
  }
}
