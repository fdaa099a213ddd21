package io.otium.lm;

import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.engine.EngineLoader;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.TensorSource;
import io.otium.lm.hub.InstalledModel;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Pooling;
import io.otium.lm.model.Weights;
import io.otium.lm.text.ModelText;
import io.otium.lm.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's files, opened: what a {@link Model} or an {@link EncoderModel} is made from, and what
 * training begins with. Beside a GGUF file and a folder of Hugging Face's, a folder may hold what
 * training made of another model: an adapter, or all of its weights (see {@link TrainedFiles}).
 *
 * @param pooling of an encoder's states
 */
public record ModelFiles(
    TensorSource source, Weights weights, ModelText text, Pooling pooling, long created) {

  private static final Set<WeightPrecision> ENCODERS_ARE =
      Set.of(WeightPrecision.AUTO, WeightPrecision.FP32);

  /**
   * A model's place on this machine, and the name that requests use.
   *
   * @param path a GGUF file or a folder
   */
  record Found(String id, Path path) {
    /** Finds a model by name, path or reference; fetches it if it is not installed. */
    static Found of(String ref, ProgressListener progress) {
      Models models = Models.open();
      Path path = models.resolve(ref, progress);
      return new Found(
          models
              .find(ref)
              .map(InstalledModel::id)
              .orElseGet(() -> ref.startsWith(Models.RUN) ? ref : nameOf(path)),
          path);
    }

    private static String nameOf(Path path) {
      String name = String.valueOf(path.getFileName());
      return name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    }
  }

  /**
   * @throws IOException if the files cannot be read or are no model, with what is wrong
   */
  public static ModelFiles open(Path path) throws IOException {
    if (!Files.exists(path)) throw new IOException("there is no model at " + path);
    if (TrainedFiles.areIn(path)) return TrainedFiles.open(path);
    if (Files.isDirectory(path)) {
      Path gguf = onlyGguf(path);
      return gguf == null ? folder(path) : gguf(gguf);
    }
    if (path.toString().endsWith(".gguf")) return gguf(path);
    throw new IOException(
        path + " is no model: give a .gguf file, or a folder with config.json and safetensors");
  }

  /** The GGUF file of a folder that is no model of transformers'; null if there is none. */
  static @Nullable Path onlyGguf(Path folder) throws IOException {
    if (Files.exists(folder.resolve("config.json"))) return null;
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".gguf"))
          .sorted()
          .findFirst()
          .orElse(null);
    }
  }

  private static ModelFiles gguf(Path path) throws IOException {
    GgufFile file = GgufFile.open(path);
    return describe(
        path,
        file,
        () -> ModelConfig.fromGguf(file.metadata(), file),
        () -> ModelText.fromGguf(file.metadata()),
        () -> Pooling.ofGguf(file.metadata()));
  }

  private static ModelFiles folder(Path path) throws IOException {
    for (String needed : new String[] {"config.json", "tokenizer.json"}) {
      if (!Files.exists(path.resolve(needed))) {
        throw new IOException(
            path
                + " has no "
                + needed
                + "; a model's folder holds config.json, tokenizer.json and safetensors");
      }
    }
    return describe(
        path,
        SafetensorsFile.open(path),
        () -> ModelConfig.fromJson(path),
        () -> ModelText.fromDirectory(path),
        () -> Pooling.of(path));
  }

  /** Reads something of a model. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  private static ModelFiles describe(
      Path path,
      TensorSource source,
      Reading<ModelConfig> config,
      Reading<ModelText> text,
      Reading<Pooling> pooling)
      throws IOException {
    try {
      Weights weights = Weights.of(config.read(), source);
      ModelText words = text.read();
      Tokenizers.check(words.tokenizer(), weights.config().vocabulary());
      Pooling pooled = weights.config().causal() ? Pooling.MEAN : pooling.read();
      long created = Files.getLastModifiedTime(source.path()).toMillis() / 1000;
      return new ModelFiles(source, weights, words, pooled, created);
    } catch (IllegalArgumentException wrong) {
      source.close();
      throw new IOException(path + ": " + wrong.getMessage(), wrong);
    } catch (IOException | RuntimeException wrong) {
      source.close();
      throw wrong;
    }
  }

  /** Path, size and time of the weights' file: what changes when they do. */
  String identity() throws IOException {
    Path path = source.path().toAbsolutePath();
    Path file = Files.isDirectory(path) ? path.resolve("model.safetensors") : path;
    Path stamp = Files.exists(file) ? file : path;
    return stamp + " " + Files.size(stamp) + " " + Files.getLastModifiedTime(stamp).toMillis();
  }

  /** Whether it is an encoder: it makes vectors and writes no text. */
  boolean isEncoder() {
    return !weights.config().causal();
  }

  /**
   * What the model is, loaded so.
   *
   * @throws IOException if it cannot be loaded so; the files are closed then
   */
  ModelInfo info(String id, LoadOptions options) throws IOException {
    var config = weights.config();
    if (isEncoder() && !ENCODERS_ARE.contains(options.weights())) {
      closeWeights();
      throw new IOException(
          "%s is an encoder, whose weights are used at fp32; leave out the choice of %s"
              .formatted(id, options.weights().name().toLowerCase(Locale.ROOT)));
    }
    return new ModelInfo(
        id,
        config.architecture().id(),
        weights.parameters(),
        isEncoder() ? "fp32" : EngineLoader.weightsAt(options.weights(), weights),
        isEncoder() ? config.context() : options.engine().contextOf(config.context()),
        config.width(),
        config.layers(),
        created);
  }

  /** Unmaps the weights. */
  public void closeWeights() {
    source.close();
  }
}
