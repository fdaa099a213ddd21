package io.otium.lm.data.smallworld;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.data.Examples;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.ModelText;
import io.otium.lm.text.NewTokenizer;
import io.otium.lm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallWorldTest {
  private static final Examples<Lesson> LESSONS = new SmallWorld(1).lessons(20_000);

  @TempDir Path folder;

  private static String text(Lesson lesson) {
    StringBuilder text = new StringBuilder(lesson.text());
    for (ChatMessage message : lesson.messages()) {
      text.append(message.role()).append(": ").append(message.content()).append('\n');
    }
    return text.toString();
  }

  @Test
  void theSameSeedWritesTheSameBytes() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < 2_000; i++) {
      digest.update((text(LESSONS.get(i)) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("77b25b3f848113eb305fb2f9cff83c30ec0bd1a256c701c64c287e494f1615e1");
    assertThat(text(new SmallWorld(2).lessons(1).get(0))).isNotEqualTo(text(LESSONS.get(0)));
  }

  @Test
  void lessonsAreWholeAndInOrder() {
    for (int i = 0; i < LESSONS.size(); i++) {
      Lesson lesson = LESSONS.get(i);
      assertThat(text(lesson)).doesNotContain("{", "}", "null", "  ", "..", " a a", " a o");
      List<ChatMessage> turns =
          lesson.messages().stream().filter(m -> !m.role().equals("system")).toList();
      for (int t = 0; t < turns.size(); t++) {
        assertThat(turns.get(t).role()).isEqualTo(t % 2 == 0 ? "user" : "assistant");
        assertThat(turns.get(t).content()).isNotBlank();
      }
      assertThat(turns.size() % 2).isZero();
    }
  }

  @Test
  void noQuestionOfAnExamIsInALesson() {
    Set<String> asked = new HashSet<>();
    for (int i = 0; i < LESSONS.size(); i++) {
      LESSONS.get(i).messages().forEach(message -> asked.add(message.content()));
    }
    for (Ability ability : List.of(Ability.FACTS, Ability.ARITHMETIC, Ability.INSTRUCTIONS)) {
      for (Exam exam : new SmallWorld(3).exam(ability, 200)) {
        assertThat(asked).doesNotContain(exam.prompt().getLast().content());
      }
    }
  }

  @Test
  void everyAnswerOfAnExamIsRightByItsOwnRule() {
    for (Ability ability :
        List.of(Ability.FACTS, Ability.READING, Ability.ARITHMETIC, Ability.INSTRUCTIONS)) {
      List<Exam> exam = new SmallWorld(3).exam(ability, 200);
      assertThat(exam).hasSize(200);
      for (Exam question : exam) {
        assertThat(question.ask().right(question.ask().answer())).as("%s", question).isTrue();
        assertThat(question.ask().right("I cannot say.")).as("%s", question).isFalse();
        assertThat(question.prompt().getLast().content()).endsWith(question.ask().question());
      }
    }
    assertThatThrownBy(() -> new SmallWorld(1).exam(Ability.TALK, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SmallWorld(1).exam(Ability.FACTS, 2_000))
        .hasMessageMatching("of FACTS, \\d+ questions are held out, not 2000");
  }

  @Test
  void sumsAndDifferencesAreTrue() {
    for (Exam exam : new SmallWorld(4).exam(Ability.ARITHMETIC, 300)) {
      String[] parts = exam.ask().answer().split("[ .]");
      if (parts.length == 5 && parts[3].equals("=")) {
        int a = Integer.parseInt(parts[0]);
        int b = Integer.parseInt(parts[2]);
        assertThat(Integer.parseInt(parts[4])).isEqualTo(parts[1].equals("+") ? a + b : a - b);
      }
    }
  }

  @Test
  void aWrongNumberIsNotRightBecauseTheQuestionHasTheRightOne() {
    Ask ask = Ask.taught(Ability.ARITHMETIC, "t", "What is 10 - 5?", "10 - 5 = 5.", "5");
    assertThat(ask.right("10 - 5 = 5.")).isTrue();
    assertThat(ask.right("10 - 5 = 6.")).isFalse();
    assertThat(ask.right("15")).isFalse();
  }

  private void learnTokenizer() throws Exception {
    NewTokenizer.write(folder, Lesson.texts(new SmallWorld(1).lessons(3_000)), 2_048, 512);
  }

  @Test
  void aTokenizerIsLearntThatReadsEveryText() throws Exception {
    learnTokenizer();
    ModelText text = ModelText.fromDirectory(folder);
    try (Tokenizer tokenizer = text.tokenizer()) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(2_048);
      for (String any :
          List.of("Mira has a red hat.", "Grüße 日本 🦥 \u0000\n\t  x", "12 + 34 = 46")) {
        assertThat(tokenizer.decode(tokenizer.encode(any, false, false), false)).isEqualTo(any);
      }
      assertThat(tokenizer.encode("12 + 34", false, false)).hasSize(6);
      long characters = 0;
      long tokens = 0;
      for (int i = 0; i < 500; i++) {
        String lesson = text(LESSONS.get(i));
        characters += lesson.length();
        tokens += tokenizer.encode(lesson, false, false).length;
      }
      assertThat((double) characters / tokens).isGreaterThan(3);
      int[] prompt = text.chatPrompt(List.of(ChatMessage.user("Hello")), true, java.util.Map.of());
      assertThat(tokenizer.decode(prompt, false))
          .isEqualTo("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
      assertThat(tokenizer.eos()).containsExactly(2);
    }
    byte[] first = Files.readAllBytes(folder.resolve("tokenizer.json"));
    learnTokenizer();
    assertThat(Files.readAllBytes(folder.resolve("tokenizer.json"))).isEqualTo(first);
  }
}
