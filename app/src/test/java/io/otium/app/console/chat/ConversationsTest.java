package io.otium.app.console.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConversationsTest {
  @TempDir Path folder = Path.of("");
  private Database database = openLater();
  private Conversations conversations = new Conversations(database, Clock.systemUTC());

  private static Database openLater() {
    return Database.open(Path.of(":memory:"));
  }

  @BeforeEach
  void open() {
    database.close();
    reopen();
  }

  private void reopen() {
    database = Database.open(file());
    conversations = new Conversations(database, Clock.systemUTC());
  }

  private Path file() {
    return folder.resolve("home/otium.db");
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Message say(Conversation conversation, Message parent, String role, String text) {
    return conversations.append(conversation.id(), parent.id(), role, text, Message.State.DONE);
  }

  private Conversation begin(String text) {
    return conversations.create(text, "model", "", "{}");
  }

  private Message first(Conversation conversation, String text) {
    return conversations.append(conversation.id(), null, "user", text, Message.State.DONE);
  }

  private List<String> shown(Conversation conversation) {
    Conversation now = conversations.find(conversation.id()).orElseThrow();
    return conversations.branch(now).stream().map(turn -> turn.message().content()).toList();
  }

  @Test
  void theFileOfAnEarlierVersionIsTakenOverAndNotLost() throws IOException {
    Conversation conversation = begin("Hello");
    first(conversation, "Hello");
    database.close();
    Path home = folder.resolve("home");
    Files.move(file(), home.resolve("console.db"));
    database = Database.in(home);
    conversations = new Conversations(database, Clock.systemUTC());
    assertThat(shown(conversation)).containsExactly("Hello");
    assertThat(home.resolve("console.db")).doesNotExist();
  }

  @Test
  void aLogThatWasNotWrittenBackGoesWithItsFile() throws IOException {
    Conversation conversation = begin("Hello");
    first(conversation, "Hello");
    // As after kill -9: the newest rows are in the log alone.
    Path home = Files.createDirectories(folder.resolve("killed"));
    for (String part : List.of("", "-wal")) {
      Files.copy(Path.of(file() + part), home.resolve("console.db" + part));
    }
    database.close();
    database = Database.in(home);
    conversations = new Conversations(database, Clock.systemUTC());
    assertThat(shown(conversation)).containsExactly("Hello");
  }

  @Test
  void anOldFileBesideANewOneIsLeftAlone() throws IOException {
    Path home = folder.resolve("home");
    Path old = Files.writeString(home.resolve("console.db"), "not touched");
    database.close();
    database = Database.in(home);
    assertThat(old).hasContent("not touched");
  }

  @Test
  void aSiblingIsShownInPlaceOfTheOldBranchAndTheOldOneCanBeChosenAgain() {
    Conversation conversation = begin("Hello");
    Message hello = first(conversation, "Hello");
    Message old = say(conversation, hello, "assistant", "old");
    Message more = say(conversation, old, "user", "more");
    say(conversation, more, "assistant", "end");
    say(conversation, hello, "assistant", "new");
    assertThat(shown(conversation)).containsExactly("Hello", "new");
    conversations.choose(old);
    assertThat(shown(conversation)).containsExactly("Hello", "old", "more", "end");
    Turn turn = conversations.branch(conversations.find(conversation.id()).orElseThrow()).get(1);
    assertThat(turn.version()).isEqualTo(1);
    assertThat(turn.versions()).isEqualTo(2);
  }

  @Test
  void whatIsWrittenSurvivesTheProcess() {
    Conversation conversation = begin("Hello");
    Message hello = first(conversation, "Hello");
    Message answer =
        conversations.append(conversation.id(), hello.id(), "assistant", "", Message.State.WRITING);
    conversations.write(answer.id(), "half", Message.State.WRITING, Figures.NONE);
    database.close();
    reopen();
    Message found = conversations.message(answer.id()).orElseThrow();
    assertThat(found.content()).isEqualTo("half");
    assertThat(found.state()).isEqualTo(Message.State.INTERRUPTED);
  }

  @Test
  void anEndedAnswerIsNotChangedByALateSave() {
    Conversation conversation = begin("Hello");
    Message hello = first(conversation, "Hello");
    Message answer =
        conversations.append(conversation.id(), hello.id(), "assistant", "", Message.State.WRITING);
    conversations.write(answer.id(), "whole", Message.State.DONE, Figures.NONE);
    conversations.write(answer.id(), "half", Message.State.WRITING, Figures.NONE);
    assertThat(conversations.message(answer.id()).orElseThrow().content()).isEqualTo("whole");
  }

  @Test
  void deletingAConversationDeletesItsMessages() {
    Conversation conversation = begin("Hello");
    Message hello = first(conversation, "Hello");
    conversations.delete(conversation.id());
    assertThat(conversations.message(hello.id())).isEmpty();
  }

  @Test
  void searchTakesWordsLiterally() {
    begin("100% sure");
    begin("a_b");
    begin("other");
    assertThat(conversations.search("%")).hasSize(1);
    assertThat(conversations.search("_")).hasSize(1);
    assertThat(conversations.search("\\")).isEmpty();
    assertThat(conversations.search("'; DROP TABLE conversation; --")).isEmpty();
    assertThat(conversations.latest()).hasSize(3);
  }

  @Test
  void aTitleIsOneShortLine() {
    assertThat(Conversations.title("\n  First line \nsecond")).isEqualTo("First line");
    String title = Conversations.title("word ".repeat(40));
    assertThat(title).endsWith("…").hasSizeLessThanOrEqualTo(60).doesNotContain("wor…");
    assertThat(Conversations.title("😀".repeat(100)).codePointCount(0, 61)).isPositive();
  }

  @Test
  void aDatabaseOfANewerOtiumIsRefused() throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version = 99");
    }
    assertThatThrownBy(() -> Database.open(file()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("newer Otium");
  }
}
