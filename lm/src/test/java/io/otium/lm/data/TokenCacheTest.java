package io.otium.lm.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.data.DataException;
import io.otium.core.data.DataFile;
import io.otium.core.data.Examples;
import io.otium.lm.data.smallworld.Lesson;
import io.otium.lm.data.smallworld.SmallWorld;
import io.otium.lm.text.ModelText;
import io.otium.lm.text.NewTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCacheTest {
  private static final String CHATS =
      """
      {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}
      {"messages": [{"role": "user", "content": "2 + 2"}, {"role": "assistant", "content": "4"}, \
      {"role": "user", "content": "Thanks"}, {"role": "assistant", "content": "Bye."}]}
      """;

  @TempDir Path folder;
  private ModelText model;

  @BeforeEach
  void learnATokenizer() throws IOException {
    NewTokenizer.write(
        folder.resolve("model"), Lesson.texts(new SmallWorld(1).lessons(300)), 600, 512);
    model = ModelText.fromDirectory(folder.resolve("model"));
  }

  @AfterEach
  void close() {
    model.tokenizer().close();
  }

  private DataFile file(String name, String content) throws IOException {
    return DataFile.open(Files.writeString(folder.resolve(name), content));
  }

  private TokenCache cache(DataFile file) {
    return TokenCache.of(folder.resolve("tokens"), file, DataColumns.BY_NAME.encoding(file, model));
  }

  private String learned(int[] tokens) {
    return model.tokenizer().decode(Arrays.stream(tokens).filter(id -> id >= 0).toArray(), false);
  }

  @Test
  void chatsAreTokenisedOnceAndReadFromTheDisk() throws IOException {
    DataFile file = file("chats.jsonl", CHATS);
    try (TokenCache first = cache(file);
        TokenCache second = cache(file)) {
      assertThat(first.built()).isTrue();
      assertThat(second.built()).isFalse();
      assertThat(second.size()).isEqualTo(2);
      int[] chat = second.read(1, 0, second.length(1));
      assertThat(chat).isEqualTo(first.read(1, 0, first.length(1)));
      assertThat(learned(chat)).isEqualTo("4<|im_end|>Bye.<|im_end|>");
      int[] ids = Arrays.stream(chat).map(id -> id < 0 ? ~id : id).toArray();
      assertThat(model.tokenizer().decode(ids, false))
          .isEqualTo(
              """
              <|im_start|>user
              2 + 2<|im_end|>
              <|im_start|>assistant
              4<|im_end|>
              <|im_start|>user
              Thanks<|im_end|>
              <|im_start|>assistant
              Bye.<|im_end|>
              """);
      assertThat(second.tokens()).isEqualTo(first.length(0) + first.length(1));
      assertThat(second.learned())
          .isEqualTo(
              Arrays.stream(chat).filter(id -> id >= 0).count()
                  + Arrays.stream(second.read(0, 0, second.length(0)))
                      .filter(id -> id >= 0)
                      .count());
      assertThat(second.byText()).isZero();
      assertThat(second.endAdded()).isZero();
      assertThat(second.read(1, 3, 2)).containsExactly(chat[3], chat[4]);
      assertThatThrownBy(() -> second.read(1, 0, chat.length + 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    try (var files = Files.list(folder.resolve("tokens"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void anotherOriginHasACacheOfItsOwn() throws IOException {
    try (TokenCache first = cache(file("chats.jsonl", CHATS));
        TokenCache other = cache(file("chats.jsonl", CHATS.replace("Bye", "Goodbye")))) {
      assertThat(other.built()).isTrue();
      assertThat(other.tokens()).isGreaterThanOrEqualTo(first.tokens());
    }
    ModelText renamed =
        new ModelText(
            model.tokenizer(),
            io.otium.lm.text.ChatTemplate.of(
                "{% for m in messages %}{{ m.role + ': ' + m.content + '<|im_end|>' }}{% endfor %}",
                java.util.Map.of()),
            java.util.Map.of());
    DataFile file = file("chats.jsonl", CHATS);
    try (TokenCache cache =
        TokenCache.of(
            folder.resolve("tokens"), file, DataColumns.BY_NAME.encoding(file, renamed))) {
      assertThat(cache.built()).isTrue();
    }
  }

  @Test
  void aTruncatedCacheIsMadeAnew() throws IOException {
    DataFile file = file("chats.jsonl", CHATS);
    cache(file).close();
    Path kept;
    try (var files = Files.list(folder.resolve("tokens"))) {
      kept = files.findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(kept);
    Files.write(kept, Arrays.copyOf(whole, whole.length - 9));
    try (TokenCache again = cache(file)) {
      assertThat(again.built()).isTrue();
    }
    assertThat(Files.readAllBytes(kept)).isEqualTo(whole);
  }

  @Test
  void textsAndCompletionsEnd() throws IOException {
    try (TokenCache texts = cache(file("t.csv", "text\nThe sun.\n"));
        TokenCache chats =
            cache(file("p.jsonl", "{\"prompt\": \"Hi\", \"completion\": \"Ho\"}\n"))) {
      assertThat(learned(texts.read(0, 0, texts.length(0)))).isEqualTo("The sun.<|endoftext|>");
      assertThat(learned(chats.read(0, 0, chats.length(0)))).isEqualTo("Ho<|im_end|>");
    }
    ModelText plain = new ModelText(model.tokenizer(), null, java.util.Map.of());
    DataFile file = file("q.jsonl", "{\"q\": \"Hi, \", \"a\": \"Ho\"}\n");
    Encoding encoding = new DataColumns(null, "q", "a", null).encoding(file, plain);
    try (TokenCache cache = TokenCache.of(folder.resolve("tokens"), file, encoding)) {
      assertThat(learned(cache.read(0, 0, cache.length(0)))).isEqualTo("Ho<|endoftext|>");
    }
  }

  @Test
  void rowsThatAreNoChatsAreSaidWithTheirLine() throws IOException {
    refused(
        "{\"messages\": \"Hi\"}", "holds a string where a list of messages is due, each {\"role\"");
    refused("{\"messages\": []}", "holds an empty list where a list of messages is due");
    refused(
        "{\"messages\": [{\"role\": \"user\"}]}",
        "holds a message without a text under \"content\" (number 1 of 1)");
    refused(
        "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}",
        "holds no message of the assistant to learn");
  }

  @Test
  void anAnswerOfWeightZeroIsNotLearnt() throws IOException {
    String weighed = CHATS.replace("\"content\": \"4\"", "\"content\": \"4\", \"weight\": 0");
    try (TokenCache cache = cache(file("weighed.jsonl", weighed))) {
      assertThat(learned(cache.read(1, 0, cache.length(1)))).isEqualTo("Bye.<|im_end|>");
    }
    String half =
        "{\"messages\": [{\"role\": \"assistant\", \"content\": \"Hi\", \"weight\": 0.5}]}";
    refused(half, "holds a message whose \"weight\" is 0.5, not 0 or 1 (number 1 of 1)");
    refused(half.replace("0.5", "0"), "holds no message of the assistant to learn");
  }

  private void refused(String line, String reason) throws IOException {
    DataFile file = file("bad.jsonl", CHATS + line + "\n");
    long before = caches();
    assertThatThrownBy(() -> cache(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("bad.jsonl line 3: \"messages\" " + reason);
    assertThat(caches()).isEqualTo(before);
  }

  /** Files among the caches, whole or half. */
  private long caches() throws IOException {
    if (!Files.exists(folder.resolve("tokens"))) {
      return 0;
    }
    try (var files = Files.list(folder.resolve("tokens"))) {
      return files.count();
    }
  }

  @Test
  void columnsThatAreNotThereAreSentences() throws IOException {
    DataFile file = file("odd.jsonl", "{\"question\": \"Hi\", \"answer\": \"Ho\"}\n");
    assertThatThrownBy(() -> cache(file))
        .hasMessage(
            "odd.jsonl has no column \"messages\", no \"prompt\" and \"completion\", and no"
                + " \"text\" (its columns: question, answer); say which of its columns to read");
    assertThatThrownBy(() -> new DataColumns(null, "question", null, null))
        .hasMessage("completion is missing: prompt and completion are named together");
    assertThatThrownBy(() -> new DataColumns("messages", null, null, "text"))
        .hasMessageContaining("name one of them");
    DataFile chats = file("chats.jsonl", CHATS);
    ModelText plain = new ModelText(model.tokenizer(), null, java.util.Map.of());
    assertThatThrownBy(() -> DataColumns.BY_NAME.encoding(chats, plain))
        .hasMessageContaining("but the model has no chat template");
  }

  @Test
  void lessonsOfTheSmallWorldAreKeptToo() {
    Examples<Lesson> lessons = new SmallWorld(1).lessons(200);
    LessonEncoding encoding = new LessonEncoding(model);
    try (TokenCache cache =
        TokenCache.of(
            folder.resolve("tokens"),
            lessons,
            encoding.description() + "seed 1",
            encoding::encode)) {
      assertThat(cache.size()).isEqualTo(200);
      for (int i = 0; i < 200; i++) {
        Lesson lesson = lessons.get(i);
        StringBuilder said = new StringBuilder();
        lesson.messages().stream()
            .filter(m -> m.role().equals("assistant"))
            .forEach(m -> said.append(m.content()).append("<|im_end|>"));
        String expected = lesson.isChat() ? said.toString() : lesson.text() + "<|endoftext|>";
        assertThat(learned(cache.read(i, 0, cache.length(i)))).isEqualTo(expected);
      }
      TokenDocuments both = TokenDocuments.concat(List.of(cache, cache.select(new int[] {7, 3})));
      assertThat(both.size()).isEqualTo(202);
      assertThat(both.read(201, 0, both.length(201))).isEqualTo(cache.read(3, 0, cache.length(3)));
    }
  }
}
