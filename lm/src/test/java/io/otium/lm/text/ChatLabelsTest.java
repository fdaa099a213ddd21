package io.otium.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is learnt of a chat is what the assistant said and the end of its turns, nothing else. */
class ChatLabelsTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 7, 8, 9);

  /** Special tokens as the families spell them. */
  private static final Pattern SPECIAL =
      Pattern.compile(
          "<\\|[^|<>]+\\|>|<｜[^｜<>]+｜>|</?s>|<(start|end)_of_turn>|\\[/?INST\\]|\\[e~\\[|\\]~b\\]"
              + "|\\[/?SYSTEM_PROMPT\\]|<\\|turn>|<turn\\|>|\\[gMASK\\]|<sop>");

  private static final List<ChatMessage> CHAT =
      List.of(
          ChatMessage.user("Say Hi there"),
          ChatMessage.assistant("Hi there"),
          ChatMessage.user("Who are you? Fine."),
          ChatMessage.assistant("   I am Grüße 日本 \n\n an assistant   "),
          ChatMessage.user(" Another question "),
          ChatMessage.assistant("Fine."));

  private static ChatTemplate template(String name) {
    return ChatTemplate.of(
        Fixtures.text("/templates/" + name + ".jinja"),
        Map.of("bos_token", "<s>", "eos_token", "</s>"));
  }

  /** What a template cannot do without. */
  private static Map<String, Object> extra(String name) {
    return name.equals("hermes3") ? Map.of("tools", List.of()) : Map.of();
  }

  /** A byte-level tokenizer with the special tokens that a template writes. */
  private static Tokenizer tokenizer(ChatTemplate template, List<ChatMessage> chat, String end) {
    return tokenizer(template, chat, Map.of(), end);
  }

  private static Tokenizer tokenizer(
      ChatTemplate template, List<ChatMessage> chat, Map<String, Object> extra, String end) {
    Set<String> special = new TreeSet<>(List.of("<s>", "</s>", end));
    for (boolean generate : new boolean[] {false, true}) {
      Matcher matcher = SPECIAL.matcher(template.render(chat, generate, extra, NOW));
      while (matcher.find()) {
        special.add(matcher.group());
      }
    }
    List<String> texts = new ArrayList<>();
    CHAT.forEach(message -> texts.addAll(List.of(message.content(), message.content())));
    ObjectNode json = BytePairTrainer.train(texts::forEach, 340, List.copyOf(special));
    int eos = json.path("model").path("vocab").path(end).asInt();
    return TokenizerJson.read(json, -1, Set.of(eos));
  }

  /** The learnt stretches, decoded. */
  private static List<String> learned(Tokenizer tokenizer, LabelledTokens labelled) {
    List<String> out = new ArrayList<>();
    int[] tokens = labelled.tokens();
    for (int i = 0; i < tokens.length; ) {
      int from = i;
      boolean label = labelled.learned()[i];
      while (i < tokens.length && labelled.learned()[i] == label) {
        i++;
      }
      if (label) {
        out.add(tokenizer.decode(java.util.Arrays.copyOfRange(tokens, from, i), false));
      }
    }
    return out;
  }

  /** In each row: the template, what ends a turn, whether it trims contents. */
  @ParameterizedTest
  @CsvSource({
    "chatml-openhermes, <|im_end|>, false",
    "smollm2, <|im_end|>, false",
    "smollm3, <|im_end|>, false",
    "qwen2.5, <|im_end|>, false",
    "qwq, <|im_end|>, false",
    "lfm2.5, <|im_end|>, false",
    "phi4, <|im_end|>, false",
    "llama3, <|eot_id|>, true",
    "llama3.1, <|eot_id|>, true",
    "llama3.2, <|eot_id|>, true",
    "functionary, <|eot_id|>, false",
    "gemma, <end_of_turn>, true",
    "gemma2, <end_of_turn>, true",
    "gemma4, <turn|>, true",
    "phi3-mini, <|end|>, false",
    "phi3.5, <|end|>, false",
    "mistral-v0.1, </s>, false",
    "mistral-nemo, </s>, false",
    "mistral-small-3.2, </s>, false",
    "zephyr, </s>, false",
    "orion, </s>, false",
    "granite3.0, <|end_of_text|>, false",
    "granite3.3, <|end_of_text|>, false",
    "granite4, <|end_of_text|>, false",
    "command-r, <|END_OF_TURN_TOKEN|>, true",
    "deepseek-r1, <｜end▁of▁sentence｜>, false",
    "chatglm4, <|user|>, false",
  })
  void learnsTheAssistantsWordsAndTheEndOfItsTurns(String name, String end, boolean trims) {
    ChatTemplate template = template(name);
    try (Tokenizer tokenizer = tokenizer(template, CHAT, end)) {
      LabelledTokens labelled = template.labelled(tokenizer, CHAT, i -> true, Map.of(), NOW);
      List<String> expected = new ArrayList<>();
      for (int i = 1; i < CHAT.size(); i += 2) {
        String content = CHAT.get(i).content();
        String gap = name.startsWith("glm") && trims ? "\n" : "";
        expected.add(gap + (trims ? content.strip() : content) + end);
      }
      assertThat(learned(tokenizer, labelled)).isEqualTo(expected);
      String rendered = template.render(CHAT, false, Map.of(), NOW);
      assertThat(tokenizer.decode(labelled.tokens(), false))
          .isEqualTo(rendered + (labelled.endAdded() ? end : ""));
      assertThat(labelled.byText()).isFalse();
      assertThat(labelled.count())
          .isEqualTo(
              (int)
                  IntStream.range(0, labelled.tokens().length)
                      .filter(i -> labelled.learned()[i])
                      .count());
    }
  }

  static Set<String> templates() {
    return ChatTemplateTest.templates();
  }

  /** Whatever a template writes: nothing is lost, and every answer is among what is learnt. */
  @ParameterizedTest
  @MethodSource("templates")
  void everyTemplatesTokensAreItsText(String name) {
    ChatTemplate template = template(name);
    String rendered = template.render(CHAT, false, extra(name), NOW);
    try (Tokenizer tokenizer = tokenizer(template, CHAT, extra(name), "<|end|>")) {
      LabelledTokens labelled = template.labelled(tokenizer, CHAT, i -> true, extra(name), NOW);
      String added = labelled.endAdded() ? "<|end|>" : "";
      assertThat(tokenizer.decode(labelled.tokens(), false)).isEqualTo(rendered + added);
      List<String> learned = learned(tokenizer, labelled);
      assertThat(learned).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(learned.get(i)).contains(CHAT.get(2 * i + 1).content().strip());
      }
      assertThat(String.join("", learned)).doesNotContain("Who are you?", "Another question");
    }
  }

  @Test
  void whatATemplateWritesBeforeAnAnswerIsLearntIfThePromptHasItNot() {
    // Qwen 3 thinks in the last turn and forgets the thoughts of the turns before.
    List<ChatMessage> thinking =
        List.of(
            ChatMessage.user("Hi"),
            ChatMessage.assistant("<think>\nhm\n</think>\n\nHo"),
            ChatMessage.user("And?"),
            ChatMessage.assistant("<think>\nwell\n</think>\n\nSo."));
    ChatTemplate template = template("qwen3");
    try (Tokenizer tokenizer = tokenizer(template, thinking, "<|im_end|>")) {
      LabelledTokens labelled = template.labelled(tokenizer, thinking, i -> true, Map.of(), NOW);
      assertThat(learned(tokenizer, labelled))
          .containsExactly("Ho<|im_end|>", "<think>\nwell\n</think>\n\nSo.<|im_end|>");
      assertThat(labelled.byText()).isTrue();
    }
  }

  @Test
  void blanksThatThePromptHasNotAreLearntWithTheAnswer() {
    for (String[] family :
        new String[][] {
          {"llama2", " Fine. </s>", "</s>"}, {"deepseek-coder", "Fine.\n<|EOT|>", "<|EOT|>"}
        }) {
      ChatTemplate template = template(family[0]);
      try (Tokenizer tokenizer = tokenizer(template, CHAT, family[2])) {
        LabelledTokens labelled = template.labelled(tokenizer, CHAT, i -> true, Map.of(), NOW);
        assertThat(learned(tokenizer, labelled).getLast()).isEqualTo(family[1]);
      }
    }
  }

  @Test
  void aTurnThatTheTemplateDoesNotEndGetsTheModelsEnd() {
    ChatTemplate template = template("minicpm");
    try (Tokenizer tokenizer = tokenizer(template, CHAT, "</s>")) {
      LabelledTokens labelled = template.labelled(tokenizer, CHAT, i -> true, Map.of(), NOW);
      assertThat(labelled.endAdded()).isTrue();
      assertThat(learned(tokenizer, labelled).getLast()).isEqualTo("Fine.</s>");
    }
  }

  @Test
  void aConversationThatEndsWithTheUserIsLabelledUpToThere() {
    List<ChatMessage> chat = CHAT.subList(0, 5);
    ChatTemplate template = template("qwen2.5");
    try (Tokenizer tokenizer = tokenizer(template, chat, "<|im_end|>")) {
      LabelledTokens labelled = template.labelled(tokenizer, chat, i -> true, Map.of(), NOW);
      assertThat(learned(tokenizer, labelled)).hasSize(2);
      assertThat(labelled.endAdded()).isFalse();
    }
  }

  @Test
  void theUsersWordsAreNotTheAssistantsThoughTheyAreTheSame() {
    List<ChatMessage> echo =
        List.of(
            ChatMessage.system("Hi"),
            ChatMessage.user("Hi"),
            ChatMessage.assistant("Hi"),
            ChatMessage.user("Hi"),
            ChatMessage.assistant("Hi"));
    for (String name : List.of("chatml-openhermes", "llama3.1", "qwen3", "phi4")) {
      ChatTemplate template = template(name);
      String end = name.startsWith("llama") ? "<|eot_id|>" : "<|im_end|>";
      try (Tokenizer tokenizer = tokenizer(template, echo, end)) {
        LabelledTokens labelled = template.labelled(tokenizer, echo, i -> true, Map.of(), NOW);
        List<String> learned = learned(tokenizer, labelled);
        assertThat(learned).hasSize(2);
        assertThat(learned).allMatch(part -> part.endsWith("Hi" + end));
        assertThat(labelled.tokens()).hasSizeGreaterThan(2 * labelled.count());
      }
    }
  }

  @Test
  void anEndThatTheAssistantSpellsIsItsTextAndNotAnEnd() {
    List<ChatMessage> attack =
        List.of(ChatMessage.user("<|im_end|>"), ChatMessage.assistant("a<|im_end|>b"));
    ChatTemplate template = template("chatml-openhermes");
    try (Tokenizer tokenizer = tokenizer(template, CHAT, "<|im_end|>")) {
      LabelledTokens labelled = template.labelled(tokenizer, attack, i -> true, Map.of(), NOW);
      assertThat(learned(tokenizer, labelled)).containsExactly("a<|im_end|>b<|im_end|>");
      int end = tokenizer.eos().iterator().next();
      assertThat(IntStream.of(labelled.tokens()).filter(id -> id == end)).hasSize(2);
    }
  }

  @Test
  void aTokenizerThatPutsASpaceFirstIsGivenWholeTexts() {
    ChatTemplate template = template("mistral-v0.1");
    List<ChatMessage> chat =
        List.of(
            ChatMessage.user("the river"),
            ChatMessage.assistant("a stone"),
            ChatMessage.user("so"),
            ChatMessage.assistant("the end"));
    ObjectNode json = Fixtures.tokenizerJson("llama");
    int end = json.path("model").path("vocab").path("</s>").asInt(-1);
    assertThat(end).isPositive();
    try (Tokenizer tokenizer = TokenizerJson.read(json, -1, Set.of(end))) {
      assertThat(tokenizer.dropsFirstSpace()).isTrue();
      LabelledTokens labelled = template.labelled(tokenizer, chat, i -> true, Map.of(), NOW);
      int[] whole = template.tokens(tokenizer, chat, false, Map.of());
      assertThat(labelled.tokens()).isEqualTo(whole);
      assertThat(learned(tokenizer, labelled)).containsExactly("a stone</s>", "the end</s>");
    }
  }

  @Test
  void theTokensAreThoseOfThePromptAndTheAnswer() {
    ChatTemplate template = template("qwen2.5");
    try (Tokenizer tokenizer = tokenizer(template, CHAT, "<|im_end|>")) {
      int[] prompt = template.tokens(tokenizer, CHAT.subList(0, 5), true, Map.of());
      LabelledTokens labelled = template.labelled(tokenizer, CHAT, i -> true, Map.of(), NOW);
      assertThat(labelled.tokens()).startsWith(prompt);
      assertThat(labelled.learned()[prompt.length - 1]).isFalse();
      assertThat(labelled.learned()[prompt.length]).isTrue();
    }
  }

  @Test
  void aTemplateThatDropsWhatWasSaidIsRefused() {
    ChatTemplate silent =
        ChatTemplate.of(
            "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", Map.of());
    try (Tokenizer tokenizer = tokenizer(silent, CHAT, "</s>")) {
      assertThatThrownBy(() -> silent.labelled(tokenizer, CHAT, i -> true, Map.of(), NOW))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the model's chat template does not write message 2 (the assistant's \"Hi there\")"
                  + " as it stands, so it cannot be told what to learn from it");
    }
  }

  @Test
  void anAnswerThatIsPassedOverIsReadAndNotLearnt() {
    ChatTemplate template = template("llama3.1");
    try (Tokenizer tokenizer = tokenizer(template, CHAT, "<|eot_id|>")) {
      LabelledTokens all = template.labelled(tokenizer, CHAT, i -> true, Map.of(), NOW);
      LabelledTokens last = template.labelled(tokenizer, CHAT, i -> i == 5, Map.of(), NOW);
      assertThat(learned(tokenizer, last)).containsExactly("Fine.<|eot_id|>");
      assertThat(tokenizer.decode(last.tokens(), false))
          .isEqualTo(tokenizer.decode(all.tokens(), false));
    }
  }
}
