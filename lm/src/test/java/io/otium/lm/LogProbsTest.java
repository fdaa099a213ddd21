package io.otium.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogProbsTest {
  private static final LoadOptions FP32 = LoadOptions.defaults().withWeights(WeightPrecision.FP32);

  @Test
  void areThePlainTwinsAcrossChunks() throws Exception {
    ModelFiles files = ModelFiles.open(TestModels.tinyChat());
    try (Model model = Model.load("tiny", TestModels.tinyChat(), FP32)) {
      // More tokens than are scored at once.
      int[] text =
          model.tokenizer().encode("Hello! How can I help you today? ".repeat(20), false, false);
      int[] tokens = Arrays.copyOf(text, Math.min(100, text.length));
      assertThat(tokens.length).isGreaterThan(64);
      float[] expected = new PlainForward(files.weights()).logits(tokens);
      float[][] rows = model.logProbs(tokens);
      assertThat(rows).hasNumberOfRows(tokens.length);
      for (int r = 0; r < rows.length; r++) {
        int vocabulary = rows[r].length;
        double total = 0;
        double offset = expected[r * vocabulary] - rows[r][0];
        for (int v = 0; v < vocabulary; v++) {
          total += Math.exp(rows[r][v]);
          assertThat(rows[r][v] + offset).isCloseTo(expected[r * vocabulary + v], within(1e-3));
        }
        assertThat(total).isCloseTo(1, within(1e-5));
      }
    } finally {
      files.closeWeights();
    }
  }

  @Test
  void theLikeliestAfterThePromptIsWhatGreedyGenerationTakes() throws Exception {
    try (Model model = Model.load("tiny", TestModels.tinyChat(), FP32)) {
      int[] prompt = model.tokenizer().encode("Hello", false, false);
      float[] last = model.logProbs(prompt)[prompt.length - 1];
      int best = 0;
      for (int v = 0; v < last.length; v++) {
        best = last[v] > last[best] ? v : best;
      }
      int[] answer =
          model
              .submit(
                  new GenerationRequest(prompt, GenerateOptions.greedy(1), GenerationListener.NONE))
              .await()
              .tokens();
      assertThat(answer).containsExactly(best);
    }
  }

  @Test
  void anEmptyTextIsRefused() throws Exception {
    try (Model model = Model.load("tiny", TestModels.tinyChat(), FP32)) {
      assertThatThrownBy(() -> model.logProbs(new int[0]))
          .hasMessage("the text has no tokens; it needs at least 1");
    }
  }
}
