package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoneTextTest {
  private TensorSource source;
  private Weights weights;
  private EngineLoader.Loaded loaded;

  @BeforeEach
  void open() throws IOException {
    Path folder = TestModels.folder("llama");
    source = SafetensorsFile.open(folder);
    weights = Weights.of(ModelConfig.fromJson(folder), source);
    loaded =
        EngineLoader.load(
            weights,
            new EngineTest.Letters(weights.config().vocabulary()),
            new LoadOptions(WeightPrecision.FP32, EngineOptions.defaults()),
            null,
            "");
  }

  @AfterEach
  void close() {
    loaded.close();
    source.close();
  }

  @Test
  void distributionsAreThePlainTwinsAcrossChunks() {
    int vocabulary = weights.config().vocabulary();
    // More tokens than are scored at once.
    int[] tokens = new Random(3).ints(100, 0, vocabulary).toArray();
    float[] expected = new PlainForward(weights).logits(tokens);
    float[][] rows = loaded.engine().logProbs(tokens);
    assertThat(rows).hasNumberOfRows(tokens.length);
    for (int r = 0; r < rows.length; r++) {
      double total = 0;
      double normaliser = expected[r * vocabulary] - rows[r][0];
      for (int v = 0; v < vocabulary; v++) {
        total += Math.exp(rows[r][v]);
        assertThat(rows[r][v] + normaliser).isCloseTo(expected[r * vocabulary + v], within(1e-3));
      }
      assertThat(total).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void anEmptyTextIsRefused() {
    assertThatThrownBy(() -> loaded.engine().logProbs(new int[0]))
        .hasMessage("the text has no tokens; it needs at least 1");
  }
}
