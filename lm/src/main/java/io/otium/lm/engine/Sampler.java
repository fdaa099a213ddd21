package io.otium.lm.engine;

import io.otium.lm.engine.TokenInfo.Candidate;
import io.otium.lm.engine.kernel.Elementwise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Draws one sequence's tokens. The order of steps is the field's usual one: bias and penalties on
 * the logits, temperature, then top-k, top-p and min-p on what remains.
 */
final class Sampler {
  /**
   * Log-probability below the best at which candidates are first looked for; lower ones only if
   * these do not suffice.
   */
  private static final float[] REACHES = {6, 14, Float.POSITIVE_INFINITY};

  private final GenerateOptions options;
  private final SplittableRandom random;
  private final int vocabulary;

  /**
   * How often each token stands in the answer, and whether it stands in the prompt; null where no
   * penalty asks.
   */
  private final short @Nullable [] inAnswer;

  private final boolean @Nullable [] seen;
  private float[] work = new float[0];

  Sampler(GenerateOptions options, long seed, int vocabulary, int[] prompt) {
    this.options = options;
    this.random = new SplittableRandom(seed);
    this.vocabulary = vocabulary;
    boolean counts = options.presencePenalty() != 0 || options.frequencyPenalty() != 0;
    this.inAnswer = counts ? new short[vocabulary] : null;
    this.seen = options.repetitionPenalty() != 1 ? new boolean[vocabulary] : null;
    if (seen != null) for (int token : prompt) seen[token] = true;
  }

  /**
   * A token for the logits at {@code [at, at + vocabulary)}, which are left as they are.
   *
   * @throws IllegalStateException if they are no numbers
   */
  int draw(float[] logits, int at) {
    if (!Float.isFinite(Elementwise.max(logits, at, vocabulary))) throw noNumbers();
    int token = pick(logits, at);
    if (inAnswer != null && inAnswer[token] < Short.MAX_VALUE) inAnswer[token]++;
    if (seen != null) seen[token] = true;
    return token;
  }

  private int pick(float[] logits, int at) {
    boolean changed = inAnswer != null || seen != null || !options.logitBias().isEmpty();
    boolean greedy = options.temperature() == 0 || options.topK() == 1;
    if (greedy && !changed) return Elementwise.argMax(logits, at, vocabulary);
    if (work.length < vocabulary) work = new float[vocabulary];
    System.arraycopy(logits, at, work, 0, vocabulary);
    if (changed) change(work);
    if (greedy) return Elementwise.argMax(work, 0, vocabulary);
    float max = Elementwise.max(work, 0, vocabulary);
    boolean all = options.topK() == 0 && options.topP() >= 1 && options.minP() == 0;
    return all ? drawFromAll(max) : drawFromCandidates(max);
  }

  private void change(float[] x) {
    for (Map.Entry<Integer, Float> bias : options.logitBias().entrySet()) {
      if (bias.getKey() < vocabulary) x[bias.getKey()] += bias.getValue();
    }
    if (seen != null) {
      float penalty = options.repetitionPenalty();
      for (int i = 0; i < vocabulary; i++)
        if (seen[i]) x[i] = x[i] > 0 ? x[i] / penalty : x[i] * penalty;
    }
    if (inAnswer != null) {
      for (int i = 0; i < vocabulary; i++) {
        if (inAnswer[i] > 0)
          x[i] -= options.presencePenalty() + inAnswer[i] * options.frequencyPenalty();
      }
    }
  }

  private int drawFromAll(float max) {
    float sum = Elementwise.expOfDifference(work, 0, vocabulary, max, 1 / options.temperature());
    double target = random.nextDouble() * sum;
    double reached = 0;
    int last = 0;
    for (int i = 0; i < vocabulary; i++) {
      if (work[i] == 0) continue;
      reached += work[i];
      last = i;
      if (reached > target) return i;
    }
    return last;
  }

  private int drawFromCandidates(float max) {
    float inverse = 1 / options.temperature();
    float[] logits = work.clone();
    double sum = Elementwise.expOfDifference(work, 0, vocabulary, max, inverse);
    for (float reach : REACHES) {
      int[] ids = likeliest(logits, max - reach * options.temperature());
      if (ids.length == 0) throw noNumbers();
      int kept = truncate(ids, sum, reach == Float.POSITIVE_INFINITY);
      if (kept == 0) continue;
      double mass = 0;
      for (int i = 0; i < kept; i++) mass += work[ids[i]];
      double target = random.nextDouble() * mass;
      for (int i = 0; i < kept; i++) {
        target -= work[ids[i]];
        if (target < 0) return ids[i];
      }
      return ids[0];
    }
    throw noNumbers();
  }

  private static IllegalStateException noNumbers() {
    return new IllegalStateException(
        "the model computes NaN and no probabilities: its weights are damaged, fetch them again");
  }

  /** Ids with a logit of at least {@code least}, likeliest first, equal ones by id. */
  private int[] likeliest(float[] logits, float least) {
    int count = 0;
    for (int i = 0; i < vocabulary; i++) if (logits[i] >= least) count++;
    long[] keys = new long[count];
    int n = 0;
    for (int i = 0; i < vocabulary; i++) {
      if (logits[i] >= least) keys[n++] = (long) ~sortable(logits[i]) << 32 | i;
    }
    Arrays.sort(keys);
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) ids[i] = (int) keys[i];
    return ids;
  }

  /** Bits that compare as signed integers as the floats do. */
  private static int sortable(float value) {
    int bits = Float.floatToRawIntBits(value);
    return bits ^ ((bits >> 31) & 0x7FFFFFFF);
  }

  /** How many of the ids stay, or 0 if more candidates must be looked at to know. */
  private int truncate(int[] ids, double sum, boolean complete) {
    int kept = ids.length;
    boolean bounded = complete;
    if (options.topK() > 0 && options.topK() <= kept) {
      kept = options.topK();
      bounded = true;
    }
    if (options.topP() < 1) {
      double mass = 0;
      double all = 0;
      if (options.topK() > 0) for (int i = 0; i < kept; i++) all += work[ids[i]];
      else all = sum;
      if (options.topK() > 0 && !bounded) return 0;
      for (int i = 0; i < kept; i++) {
        mass += work[ids[i]];
        if (mass >= options.topP() * all) {
          kept = i + 1;
          bounded = true;
          break;
        }
      }
    }
    if (options.minP() > 0) {
      float least = options.minP() * work[ids[0]];
      for (int i = 1; i < kept; i++) {
        if (work[ids[i]] < least) {
          kept = i;
          bounded = true;
          break;
        }
      }
    }
    return bounded ? Math.max(kept, 1) : 0;
  }

  /** Log-probability of a token under the logits, and the likeliest tokens there. */
  static TokenInfo describe(float[] logits, int at, int vocabulary, int token, int top) {
    float max = Elementwise.max(logits, at, vocabulary);
    float[] copy = Arrays.copyOfRange(logits, at, at + vocabulary);
    float logSum = (float) Math.log(Elementwise.expOfDifference(copy, 0, vocabulary, max, 1)) + max;
    List<Candidate> candidates = new ArrayList<>(top);
    if (top > 0) {
      System.arraycopy(logits, at, copy, 0, vocabulary);
      for (int i = 0; i < Math.min(top, vocabulary); i++) {
        int best = Elementwise.argMax(copy, 0, vocabulary);
        candidates.add(new Candidate(best, logits[at + best] - logSum));
        copy[best] = Float.NEGATIVE_INFINITY;
      }
    }
    return new TokenInfo(token, logits[at + token] - logSum, List.copyOf(candidates));
  }
}
