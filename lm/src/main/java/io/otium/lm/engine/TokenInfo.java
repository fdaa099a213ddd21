package io.otium.lm.engine;

import java.util.List;

/**
 * A token of an answer or prompt.
 *
 * @param logprob natural logarithm of its probability under the model before temperature and
 *     truncation (NaN where not asked for)
 * @param top the likeliest tokens at this place, likeliest first (empty where not asked for)
 */
public record TokenInfo(int id, float logprob, List<Candidate> top) {
  /** A token that could have stood here. */
  public record Candidate(int id, float logprob) {}
}
