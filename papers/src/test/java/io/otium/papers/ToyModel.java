package io.otium.papers;

import java.util.Random;

/** A model of 40 words whose logits depend on the token before, rounded as its weights are. */
final class ToyModel implements ScoredModel {
  static final int VOCABULARY = 40;

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public int[] tokenize(String text) {
    return text.chars().map(c -> c % VOCABULARY).toArray();
  }

  @Override
  public Scorer open(String weights) {
    double step =
        switch (weights) {
          case "fp32" -> 0;
          case "bf16" -> 0.01;
          case "int8" -> 0.05;
          case "int4" -> 0.8;
          default -> throw new IllegalArgumentException(weights);
        };
    float[][] logits = new float[VOCABULARY][VOCABULARY];
    Random random = new Random(1);
    for (float[] row : logits) {
      double total = 0;
      for (int v = 0; v < VOCABULARY; v++) {
        double logit = 2 * random.nextGaussian();
        row[v] = (float) (step == 0 ? logit : Math.rint(logit / step) * step);
        total += Math.exp(row[v]);
      }
      for (int v = 0; v < VOCABULARY; v++) {
        row[v] -= (float) Math.log(total);
      }
    }
    return new Scorer() {
      @Override
      public float[][] logProbs(int[] tokens) {
        float[][] rows = new float[tokens.length][];
        for (int i = 0; i < tokens.length; i++) {
          rows[i] = logits[tokens[i]];
        }
        return rows;
      }

      @Override
      public void close() {}
    };
  }
}
