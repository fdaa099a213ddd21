package io.otium.papers;

import io.otium.core.data.DataCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * How faithful a model stays when its weights are kept at 16, 8 and 4 bits: the mean
 * Kullback–Leibler divergence KL(fp32 ‖ arm) of next-token distributions over running text, in
 * nats, with the share of equal likeliest tokens and the perplexity beside it. An experiment of our
 * own, in no paper; the limits are those that a served model must keep, per arm.
 *
 * <p>fp32 means the weights of the model's file, unpacked: a file that itself has 4 bits loses
 * little at int4, and this says nothing of what was lost when it was made. Only a file of 16 or 32
 * bits shows what 4 bits cost.
 *
 * <p>Each seed draws passages of 256 tokens from the text; every arm reads the same ones. 4,096
 * tokens a seed, 512 in the quick form.
 */
public final class WeightsFidelity implements Experiment {
  private static final int PASSAGE = 256;
  private static final String OWN =
      "none: an experiment of our own; fp32 is the file's weights as they are stored";

  /** An arm, and how far its distributions may be from fp32's: mean nats a token. */
  private record Precision(String weights, double limit) {}

  private static final List<Precision> PRECISIONS =
      List.of(new Precision("bf16", 0.01), new Precision("int8", 0.01), new Precision("int4", 0.2));

  private final ScoredModel model;
  private final Supplier<String> text;

  /**
   * @param text running text; asked only when the experiment runs
   */
  public WeightsFidelity(ScoredModel model, Supplier<String> text) {
    this.model = model;
    this.text = text;
  }

  /** On the sentences of Wikipedia that the data catalogue names. */
  public static WeightsFidelity onWikipedia(ScoredModel model, DataCatalogue data) {
    return new WeightsFidelity(
        model,
        () -> {
          try {
            return Files.readString(data.file("wiki-sentences", "all_wiki_sents.txt"));
          } catch (IOException e) {
            throw new UncheckedIOException("the text cannot be read: " + e.getMessage(), e);
          }
        });
  }

  @Override
  public String id() {
    return "weights-fidelity";
  }

  @Override
  public String title() {
    return "What weights at 16, 8 and 4 bits do to a model's predictions";
  }

  @Override
  public Outcome run(Setting setting) {
    List<int[]> passages = passages(setting);
    Map<String, Sums> sums = new LinkedHashMap<>();
    List<Claim> claims = new ArrayList<>();
    Sums own = new Sums();
    sums.put("fp32", own);
    try (Scorer reference = model.open("fp32")) {
      for (Precision precision : PRECISIONS) {
        Sums of = new Sums();
        sums.put(precision.weights, of);
        try (Scorer arm = model.open(precision.weights)) {
          for (int i = 0; i < passages.size(); i++) {
            setting.run().checkCancelled();
            int[] passage = passages.get(i);
            float[][] expected = reference.logProbs(passage);
            of.add(passage, expected, arm.logProbs(passage));
            if (precision == PRECISIONS.getFirst()) {
              own.add(passage, expected, expected);
            }
            setting.run().metric(i, Map.of("kl." + precision.weights, of.kl()));
          }
          String name = precision.weights + " mean KL to fp32";
          claims.add(Claim.atMost(name, OWN, of.kl(), precision.limit));
        }
      }
    }
    List<Arm> arms = new ArrayList<>();
    sums.forEach((name, of) -> arms.add(new Arm(name, of.metrics())));
    return new Outcome(
        claims,
        arms,
        new Figure("Divergence from fp32, " + model.name(), "kl", "mean KL, nats a token"));
  }

  private List<int[]> passages(Setting setting) {
    int[] tokens = model.tokenize(text.get());
    if (tokens.length < 2 * PASSAGE) {
      throw new IllegalArgumentException(
          "the text has " + tokens.length + " tokens; at least " + 2 * PASSAGE + " are needed");
    }
    List<int[]> passages = new ArrayList<>();
    for (int seed = 0; seed < setting.seeds(); seed++) {
      Random random = new Random(seed);
      for (int i = 0; i < (setting.quick() ? 2 : 16); i++) {
        int start = random.nextInt(tokens.length - PASSAGE + 1);
        passages.add(Arrays.copyOfRange(tokens, start, start + PASSAGE));
      }
    }
    return passages;
  }

  /** Sums over positions; each row predicts the token after it, so the last has no truth. */
  private static final class Sums {
    private double kl;
    private double nll;
    private long same;
    private long rows;

    void add(int[] tokens, float[][] expected, float[][] actual) {
      for (int i = 0; i + 1 < tokens.length; i++) {
        kl += divergence(expected[i], actual[i]);
        nll -= actual[i][tokens[i + 1]];
        same += argmax(expected[i]) == argmax(actual[i]) ? 1 : 0;
        rows++;
      }
    }

    double kl() {
      return kl / rows;
    }

    Map<String, Double> metrics() {
      Map<String, Double> metrics = new LinkedHashMap<>();
      metrics.put("kl", kl());
      metrics.put("sameTop", (double) same / rows);
      metrics.put("perplexity", Math.exp(nll / rows));
      metrics.put("tokens", (double) rows);
      return metrics;
    }
  }

  /** KL(p ‖ q) = Σ p (log p − log q), of natural logarithms: nats. */
  public static double divergence(float[] logP, float[] logQ) {
    double sum = 0;
    for (int v = 0; v < logP.length; v++) {
      double p = Math.exp(logP[v]);
      sum += p > 0 ? p * ((double) logP[v] - logQ[v]) : 0;
    }
    return sum;
  }

  private static int argmax(float[] row) {
    int best = 0;
    for (int v = 1; v < row.length; v++) {
      best = row[v] > row[best] ? v : best;
    }
    return best;
  }
}
