package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.text.ChatMessage;
import io.otium.serve.LazyInference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChatSessionTest {
  @TempDir Path folder;
  private final FakeModel model = new FakeModel("Blue.");
  private final FakeModel other = new FakeModel("Green.");
  private final ChatSession session =
      new ChatSession(
          model, name -> other, Answering.options(64), Map.of("top-k", "9"), LazyInference.full());

  private String ask(String question) {
    StringBuilder said = new StringBuilder();
    session.ask(question, said::append);
    return said.toString();
  }

  @Test
  void theConversationGrows() {
    session.tell("You are a painter.");
    assertThat(ask("A colour?")).isEqualTo("Blue.");
    ask("Another?");
    assertThat(model.conversation)
        .containsExactly(
            ChatMessage.system("You are a painter."),
            ChatMessage.user("A colour?"),
            ChatMessage.assistant("Blue."),
            ChatMessage.user("Another?"));
  }

  @Test
  void aQuestionThatFailsIsNotKept() {
    assertThatThrownBy(() -> ask("x".repeat(600))).hasMessageContaining("context of 512");
    assertThat(session.messages()).isEmpty();
  }

  @Test
  void aLengthThatNobodyAskedForShrinksToTheContext() {
    ask("x".repeat(450));
    assertThat(model.requests.getLast().options().maxTokens()).isEqualTo(-1);
    session.clear();
    session.set("max-tokens", "500");
    ask("y");
    assertThat(model.requests.getLast().options().maxTokens()).isEqualTo(500);
  }

  @Test
  void retryAnswersTheSameQuestionAnew() {
    ask("A colour?");
    model.answer = "Red.";
    session.again(piece -> {});
    assertThat(session.messages())
        .containsExactly(ChatMessage.user("A colour?"), ChatMessage.assistant("Red."));
  }

  @Test
  void anotherModelTakesTheConversationOver() {
    ask("A colour?");
    assertThat(ChatCommands.run(session, "/model other")).startsWith("fake (llama");
    assertThat(model.closed).isTrue();
    assertThat(ask("And now?")).isEqualTo("Green.");
    assertThat(other.conversation).hasSize(3);
  }

  @Test
  void settingsAreCheckedAndKept() {
    assertThat(ChatCommands.run(session, "/set temperature 0.7")).startsWith("temperature");
    assertThat(session.settings().temperature()).isEqualTo(0.7f);
    assertThat(session.settings().topK()).isEqualTo(9);
    assertThatThrownBy(() -> ChatCommands.run(session, "/set temperature -3"))
        .hasMessageContaining("temperature must be");
    assertThatThrownBy(() -> ChatCommands.run(session, "/set temprature 1"))
        .hasMessageContaining("did you mean temperature?");
    assertThat(ChatCommands.run(session, "/set temperature")).contains(" 0.7 ");
    ChatCommands.run(session, "/set temperature -");
    assertThat(session.settings().temperature()).isEqualTo(0.2f);
  }

  @Test
  void settingsAreNamedInAnySpelling() {
    for (String line : new String[] {"top-k 3", "top_k=4", "topK = 5", "TOP_K 6"}) {
      assertThat(ChatCommands.run(session, "/set " + line)).startsWith("top-k");
      assertThat(line).endsWith("" + session.settings().topK());
    }
    assertThat(ChatCommands.run(session, "/set").lines()).hasSizeGreaterThan(5);
  }

  @Test
  void saveAndLoadBringTheConversationBack() {
    Path file = folder.resolve("talk.json");
    session.tell("Be kind.");
    ask("A colour?");
    ChatCommands.run(session, "/save " + file);
    ChatCommands.run(session, "/clear");
    ChatCommands.run(session, "/system -");
    ChatCommands.run(session, "/set top-k 1");
    assertThat(ChatCommands.run(session, "/load " + file)).isEqualTo("2 messages taken up");
    assertThat(session.system()).isEqualTo("Be kind.");
    assertThat(session.settings().topK()).isEqualTo(9);
    assertThat(session.messages()).hasSize(2);
  }

  @Test
  void aFileThatIsNoConversationIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("x.json"), "{\"messages\": [{\"role\": 3}]}");
    assertThatThrownBy(() -> ChatCommands.run(session, "/load " + file))
        .hasMessageContaining("a message has no text 'role'");
    Files.writeString(file, "{]");
    assertThatThrownBy(() -> ChatCommands.run(session, "/load " + file))
        .hasMessageContaining("it is not JSON (line 1)");
    assertThatThrownBy(() -> ChatCommands.run(session, "/load " + folder.resolve("none")))
        .hasRootCauseInstanceOf(java.io.IOException.class);
  }

  @Test
  void unknownCommandsAreNamed() {
    assertThatThrownBy(() -> ChatCommands.run(session, "/hlep"))
        .hasMessage("there is no command /hlep; /help lists them");
  }

  @Test
  void linesGoOnAfterABackslashAndBetweenQuotes() {
    assertThat(ChatTerminal.goesOn("one \\")).isTrue();
    assertThat(ChatTerminal.message("one \\\ntwo")).isEqualTo("one \ntwo");
    assertThat(ChatTerminal.goesOn("\"\"\"")).isTrue();
    assertThat(ChatTerminal.goesOn("\"\"\"\na\n\"\"\"")).isFalse();
    assertThat(ChatTerminal.message("\"\"\"\na\nb\n\"\"\"")).isEqualTo("a\nb");
    assertThat(ChatTerminal.goesOn("plain")).isFalse();
  }
}
