package io.otium.lm.data.smallworld;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.TestModels;
import org.junit.jupiter.api.Test;

class ExaminationTest {
  @Test
  void aModelThatLearntNothingOfTheWorldAnswersAndIsMostlyWrong() throws Exception {
    try (LanguageModel model =
        LanguageModel.load(
            "file:" + TestModels.tinyChat(), LoadOptions.defaults(), ProgressListener.NONE)) {
      Examination examination = Examination.of(model, Ability.ARITHMETIC, 10, 1);
      assertThat(examination.replies()).hasSize(10).noneMatch(String::isEmpty);
      assertThat(examination.score()).isLessThan(0.5);
    }
  }

  @Test
  void theScoreIsTheShareOfRightAnswers() {
    var questions = new SmallWorld(1).exam(Ability.FACTS, 4);
    var replies =
        java.util.List.of(
            questions.get(0).ask().answer(), "no", questions.get(2).ask().key() + "!", "");
    assertThat(new Examination(Ability.FACTS, questions, replies).score()).isEqualTo(0.5);
  }
}
