package io.otium.lm.data.smallworld;

import io.otium.lm.LanguageModel;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * How a model did in an ability: what it answered to questions that no lesson has, by greedy
 * decoding.
 *
 * @param replies in the order of the questions
 */
public record Examination(Ability ability, List<Exam> questions, List<String> replies) {
  /** Longer than any answer is. */
  private static final int MAX_TOKENS = 64;

  /** Questions that are asked at once. */
  private static final int TOGETHER = 8;

  public Examination {
    questions = List.copyOf(questions);
    replies = List.copyOf(replies);
  }

  /**
   * Examines a model.
   *
   * @throws IllegalArgumentException if the model has no chat template
   */
  public static Examination of(LanguageModel model, Ability ability, int size, long seed) {
    List<Exam> questions = new SmallWorld(seed).exam(ability, size);
    List<String> replies = new ArrayList<>();
    for (int from = 0; from < size; from += TOGETHER) {
      List<Generation> asked = new ArrayList<>();
      for (Exam exam : questions.subList(from, Math.min(size, from + TOGETHER))) {
        asked.add(
            model.submit(
                new GenerationRequest(
                    model.chatPrompt(exam.prompt()),
                    GenerateOptions.greedy(MAX_TOKENS),
                    GenerationListener.NONE)));
      }
      asked.forEach(generation -> replies.add(generation.await().text()));
    }
    return new Examination(ability, questions, replies);
  }

  /** The share of right answers. */
  public double score() {
    int right = 0;
    for (int i = 0; i < questions.size(); i++) {
      right += questions.get(i).ask().right(replies.get(i)) ? 1 : 0;
    }
    return (double) right / questions.size();
  }
}
