package io.otium.papers;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A model's files, loaded by the engine at whichever precision an experiment asks for.
 *
 * @param name for results
 * @param path a GGUF file, or a folder of safetensors
 */
public record EngineModel(String name, Path path) implements ScoredModel {

  @Override
  public int[] tokenize(String text) {
    try (Model model = load("auto")) {
      return model.tokenizer().encode(text, false, false);
    }
  }

  @Override
  public Scorer open(String weights) {
    Model model = load(weights);
    return new Scorer() {
      @Override
      public float[][] logProbs(int[] tokens) {
        return model.logProbs(tokens);
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }

  private Model load(String weights) {
    WeightPrecision precision = WeightPrecision.valueOf(weights.toUpperCase(Locale.ROOT));
    try {
      return Model.load(name, path, LoadOptions.defaults().withWeights(precision));
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }
}
