package io.otium.lm.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.core.tensor.Randomness;
import io.otium.lm.ModelFiles;
import io.otium.lm.data.Sha256;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorType;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.LiveWeights;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Pooling;
import io.otium.lm.model.Weights;
import io.otium.lm.text.ModelText;
import io.otium.lm.text.NewTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/**
 * A model that begins from nothing, as files. Its tokenizer is learnt from the data and lies in the
 * cache, in a folder named by what it depends on; its weights are in memory until they are written.
 *
 * @param tokenizer folder with {@code tokenizer.json} and {@code tokenizer_config.json}
 */
record NewModelFiles(NewModel model, Path tokenizer) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Learns the tokenizer, unless that was done before.
   *
   * @param cache folder of tokenizers
   */
  static NewModelFiles of(NewModel model, TrainingText text, Path cache) throws IOException {
    String origin =
        new Sha256()
            .add(text.description())
            .add("\n" + model.vocabulary() + " " + model.context())
            .hex();
    Path folder = cache.resolve(origin.substring(0, 32));
    if (!Files.exists(folder)) {
      Files.createDirectories(cache);
      Path fresh = Files.createTempDirectory(cache, ".new");
      NewTokenizer.write(fresh, text::texts, model.vocabulary(), model.context());
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    }
    return new NewModelFiles(model, folder);
  }

  /**
   * The model with weights as they are before the first update.
   *
   * @param seed of the weights
   */
  ModelFiles open(long seed) throws IOException {
    ModelText text = ModelText.fromDirectory(tokenizer);
    ModelConfig config = ModelConfig.fromJson(model.config(text.tokenizer()));
    var weights = new InitialWeights(config, new Randomness(seed).stream(Randomness.INIT));
    return new ModelFiles(
        weights, Weights.of(config, weights), text, Pooling.MEAN, Instant.now().getEpochSecond());
  }

  /** Writes the trained model, with all that it needs. */
  void write(AutogradModel trained, ModelText text, Path folder) throws IOException {
    Files.createDirectories(folder);
    var writer = new SafetensorsWriter();
    var weights = new LiveWeights(trained.parameters());
    for (String name : weights.names()) writer.tensor(weights.require(name), TensorType.BF16);
    writer.write(folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(model.config(text.tokenizer()))
            + "\n");
    for (String file : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Files.copy(
          tokenizer.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
