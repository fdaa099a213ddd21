package io.otium.app.bench;

import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.Model;
import io.otium.papers.WeightsFidelity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** How far the distributions of a model with fewer bits are from fp32's, over running text. */
public final class OwnFidelity {
  private OwnFidelity() {}

  /**
   * Mean KL(fp32 ‖ arm) in nats, over the positions that llama.cpp's program counts: those of the
   * second half of each passage that have a next token.
   *
   * @param warm whether long stretches go through the kernels that a server uses for prompts, and
   *     not through those of single tokens
   * @throws IllegalArgumentException if the text is too short
   */
  public static double meanKl(
      Path model, LoadOptions options, boolean warm, int passages, Path text) throws IOException {
    double sum = 0;
    LoadOptions full = options.withWeights(WeightPrecision.FP32);
    try (Model reference = Model.load("reference", model, full);
        Model arm = Model.load("arm", model, options)) {
      if (warm) arm.warmUp();
      int[] tokens = reference.tokenizer().encode(Files.readString(text), true, false);
      if (tokens.length < passages * Workload.Fidelity.PASSAGE) {
        throw new IllegalArgumentException(
            "the text has %,d tokens; %d passages of %d are needed"
                .formatted(tokens.length, passages, Workload.Fidelity.PASSAGE));
      }
      for (int passage = 0; passage < passages; passage++) {
        int from = passage * Workload.Fidelity.PASSAGE;
        int[] read = Arrays.copyOfRange(tokens, from, from + Workload.Fidelity.PASSAGE);
        float[][] expected = reference.logProbs(read);
        float[][] actual = arm.logProbs(read);
        for (int i = Workload.Fidelity.PASSAGE / 2; i + 1 < read.length; i++) {
          sum += WeightsFidelity.divergence(expected[i], actual[i]);
        }
      }
    }
    return sum / ((double) passages * Workload.Fidelity.SCORED);
  }
}
