package io.otium.lm.data.smallworld;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.hub.KnownModels;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.text.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The model that Otium comes with can what its card says, in questions that it never saw. */
class OwnModelTest {
  private static final int QUESTIONS = 100;

  private static Model model;

  @BeforeAll
  static void load(@TempDir Path home) throws Exception {
    Path file = Models.at(new OtiumHome(home)).resolve(KnownModels.OWN, ProgressListener.NONE);
    model = Model.load(KnownModels.OWN, file, LoadOptions.defaults());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @ParameterizedTest
  @CsvSource({"FACTS, 0.95", "READING, 0.55", "ARITHMETIC, 0.77", "INSTRUCTIONS, 0.68"})
  void itAnswersWhatNoLessonAsks(Ability ability, double atLeast) {
    assertThat(Examination.of(model, ability, QUESTIONS, 1).score()).isGreaterThan(atLeast);
  }

  @Test
  void itGreets() {
    var greeting = List.of(ChatMessage.user("Hello!"));
    assertThat(model.chat(greeting, GenerateOptions.greedy(20), text -> {})).startsWith("Hello!");
  }
}
