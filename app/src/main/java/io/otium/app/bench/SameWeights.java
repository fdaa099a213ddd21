package io.otium.app.bench;

import io.otium.lm.ModelFiles;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.GgufValue;
import io.otium.lm.format.GgufWriter;
import io.otium.lm.format.TensorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One model in the form of every system, all from the same numbers: the model's file unpacked to
 * fp32 comes first, the others from that one. Made when first asked for, and kept in the peers'
 * folder.
 */
final class SameWeights {
  private final Path source;
  private final PeersFolder peers;
  private final Path folder;
  private final Consumer<String> progress;
  private final Map<TrainingSize, Path> trainingData = new HashMap<>();
  private @Nullable Path ownCurve;
  private @Nullable Exports exports;

  /**
   * @param source a GGUF file, or a folder of safetensors
   */
  SameWeights(Path source, PeersFolder peers, Consumer<String> progress) throws IOException {
    this.source = source.toAbsolutePath();
    this.peers = peers;
    this.progress = progress;
    this.folder = peers.models().resolve(name(gguf(this.source).orElse(this.source)));
  }

  /** A name for people, and what tells the file from others of that name. */
  private static String name(Path file) throws IOException {
    String stamp = file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
    String id = UUID.nameUUIDFromBytes(stamp.getBytes(StandardCharsets.UTF_8)).toString();
    return file.getFileName().toString().replaceAll("\\.gguf$", "") + "-" + id.substring(0, 8);
  }

  /** The GGUF file that the source is, or holds as its model. */
  private static Optional<Path> gguf(Path source) {
    if (source.toString().endsWith(".gguf")) return Optional.of(source);
    if (Files.exists(source.resolve("config.json"))) return Optional.empty();
    return PeersFolder.list(source).stream()
        .filter(path -> path.toString().endsWith(".gguf"))
        .findFirst();
  }

  /** What Otium loads: the fp32 GGUF, or a folder of safetensors as it is. */
  Path forOtium() throws IOException {
    return gguf(source).isPresent() ? f32() : source;
  }

  /**
   * The model as GGUF with every tensor in fp32.
   *
   * @throws BenchException if the model is a folder of safetensors
   */
  Path f32() throws IOException {
    Path from =
        gguf(source)
            .orElseThrow(
                () ->
                    new BenchException(
                        "%s is no GGUF file, the only form that llama.cpp reads"
                            .formatted(source)));
    Path target = folder.resolve("f32.gguf");
    if (Files.exists(target)) return target;
    progress.accept("unpacking " + from.getFileName() + " to fp32");
    Files.createDirectories(folder);
    try (GgufFile file = GgufFile.open(from)) {
      var writer = new GgufWriter().values(file.values());
      writer.value("general.file_type", GgufValue.uint32(0)); // all fp32
      for (String name : file.names()) writer.tensor(file.require(name), TensorType.F32);
      writer.write(target);
    }
    return target;
  }

  /**
   * The model as llama.cpp's own quantizer makes it.
   *
   * @param type such as {@code Q8_0}
   */
  Path quantised(String type) throws IOException {
    Path target = folder.resolve(type.toLowerCase(Locale.ROOT) + ".gguf");
    if (Files.exists(target)) return target;
    Path quantize =
        peers
            .llama("llama-quantize")
            .orElseThrow(() -> new BenchException("llama-quantize is missing"));
    Path from = f32();
    progress.accept("quantising to " + type + " by llama-quantize");
    Path unfinished = folder.resolve(target.getFileName() + ".part");
    Command.of(quantize, from, unfinished, type).run();
    return Files.move(unfinished, target);
  }

  /** The model as transformers saves it: config.json, tokenizer and fp32 safetensors. */
  Path huggingFace() throws IOException {
    Optional<Path> gguf = gguf(source);
    if (gguf.isEmpty()) return source;
    return made(
        "hf",
        "saving safetensors by transformers",
        target -> PythonScript.EXPORT_HF.command(peers, f32(), target));
  }

  /** The model as OpenVINO's intermediate representation with int8 weights. */
  Path openVino() throws IOException {
    Path from = huggingFace();
    return made(
        "openvino-int8",
        "converting to OpenVINO int8 by optimum-intel",
        target -> PythonScript.EXPORT_OPENVINO.command(peers, from, target));
  }

  /** The model at 4 bits, as Jlama's own quantizer makes it. */
  Path jlama() throws IOException {
    Path from = huggingFace();
    return made(
        "jlama-q4",
        "quantising to Q4 by Jlama",
        target -> Jlama.program(peers, "quantize").with(from, target));
  }

  /** A fine-tune of the model, or the model as one, in the files of other programs. */
  synchronized Exports exports() throws IOException {
    if (exports == null) {
      Files.createDirectories(folder);
      exports = new Exports(source, Files.createTempDirectory(folder, "exports"), progress);
    }
    return exports;
  }

  /** What every system trains on, as a file; made once for a size. */
  Path trainingData(TrainingSize size) throws IOException {
    Path made = trainingData.get(size);
    if (made != null) return made;
    ModelFiles files = ModelFiles.open(forOtium());
    try {
      Path file = TrainingData.of(size, files.text()).write(temporary("training"));
      trainingData.put(size, file);
      return file;
    } finally {
      files.closeWeights();
    }
  }

  /** Where Otium leaves its losses for peers to be compared with; empty before. */
  Path ownCurve() throws IOException {
    if (ownCurve == null) ownCurve = temporary("curve");
    return ownCurve;
  }

  /** A file beside the models, for large things; gone with this process. */
  Path temporary(String name) throws IOException {
    Files.createDirectories(folder);
    Path file = Files.createTempFile(folder, name, ".tmp");
    file.toFile().deleteOnExit();
    return file;
  }

  /** How a folder is made by another program. */
  private interface Making {
    Command command(Path target) throws IOException;
  }

  /** A folder that is there whole or not at all. */
  private Path made(String name, String what, Making making) throws IOException {
    Path target = folder.resolve(name);
    if (Files.exists(target)) return target;
    Files.createDirectories(folder);
    Path unfinished = Files.createTempDirectory(folder, name);
    Command command = making.command(unfinished);
    progress.accept(what);
    command.run();
    return Files.move(unfinished, target);
  }
}
