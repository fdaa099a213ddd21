package io.otium.lm;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorNumbers;
import io.otium.lm.format.TensorSource;
import io.otium.lm.format.TensorType;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.StoredTensors;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What training made of a model, in a folder that refers to that model: an adapter ({@link
 * AdapterFiles}), or all weights with the model's tokenizer, template and configuration left where
 * they are.
 */
public final class TrainedFiles {
  private static final String REFERENCE = "otium_model.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TrainedFiles() {}

  /** Whether a folder holds such a thing. */
  static boolean areIn(Path folder) {
    return Files.isDirectory(folder)
        && (AdapterFiles.areIn(folder) || Files.isRegularFile(folder.resolve(REFERENCE)));
  }

  /** Writes all weights of a model under transformers' names. */
  public static void write(Weights weights, TensorType type, String base, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    var writer = new SafetensorsWriter();
    for (TensorNumbers tensor : StoredTensors.huggingFace(weights)) writer.tensor(tensor, type);
    writer.write(folder.resolve(WEIGHTS));
    Files.writeString(
        folder.resolve(REFERENCE),
        MAPPER.writeValueAsString(MAPPER.createObjectNode().put("base", base)) + "\n");
  }

  /**
   * Where a model has its tokenizer and configuration: itself, or what training began with.
   *
   * @return a GGUF file, or a folder of transformers'
   */
  public static Path origin(Path model) throws IOException {
    Path at = model;
    while (areIn(at)) {
      String base = AdapterFiles.areIn(at) ? AdapterFiles.read(at).base() : reference(at);
      at = base(at, base);
    }
    Path gguf = Files.isDirectory(at) ? ModelFiles.onlyGguf(at) : null;
    return gguf == null ? at : gguf;
  }

  private static String reference(Path folder) throws IOException {
    return MAPPER.readTree(Files.readString(folder.resolve(REFERENCE))).path("base").asText();
  }

  private static Path base(Path folder, String base) throws IOException {
    Path path = ModelFiles.Found.of(base, ProgressListener.NONE).path();
    if (path.toAbsolutePath().equals(folder.toAbsolutePath())) {
      throw new IOException(folder + " says that it was made of itself");
    }
    return path;
  }

  static ModelFiles open(Path folder) throws IOException {
    boolean adapter = AdapterFiles.areIn(folder);
    AdapterFiles.Adapter read = adapter ? AdapterFiles.read(folder) : null;
    String base = read != null ? read.base() : reference(folder);
    Path path = base(folder, base);
    ModelFiles own = ModelFiles.open(path);
    try {
      if (read != null) {
        return new ModelFiles(
            new Beside(own.source(), folder.resolve(AdapterFiles.WEIGHTS)),
            read.on(own.weights()),
            own.text(),
            own.pooling(),
            own.created());
      }
      TensorSource source = SafetensorsFile.open(folder.resolve(WEIGHTS));
      Weights weights = Weights.of(own.weights().config(), source);
      own.closeWeights();
      return new ModelFiles(source, weights, own.text(), own.pooling(), own.created());
    } catch (IllegalArgumentException wrong) {
      own.closeWeights();
      throw new IOException(folder + " does not fit " + base + ": " + wrong.getMessage(), wrong);
    }
  }

  /** A model's tensors under the path of what was put beside them: it tells versions apart. */
  private record Beside(TensorSource of, Path path) implements TensorSource {
    @Override
    public Set<String> names() {
      return of.names();
    }

    @Override
    public @Nullable TensorData get(String name) {
      return of.get(name);
    }

    @Override
    public Map<String, Object> metadata() {
      return of.metadata();
    }

    @Override
    public void close() {
      of.close();
    }
  }
}
