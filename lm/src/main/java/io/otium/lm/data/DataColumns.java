package io.otium.lm.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.data.DataException;
import io.otium.core.data.DataFile;
import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.text.ModelText;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a data file hold what; where nothing is said, the columns named {@code
 * messages}, {@code prompt} and {@code completion}, or {@code text} are taken, in this order.
 */
@Doc("Which columns of a data file hold what.")
public record DataColumns(
    @Doc("column with chats: a list of {role, content}") @Nullable String messages,
    @Doc("column with prompts, of which nothing is learnt") @Nullable String prompt,
    @Doc("column with what should follow the prompts") @Nullable String completion,
    @Doc("column with plain texts") @Nullable String text) {
  public static final DataColumns BY_NAME = new DataColumns(null, null, null, null);

  public DataColumns {
    if ((prompt == null) != (completion == null)) {
      throw OptionException.refused(
          prompt == null ? "prompt" : "completion",
          "is missing: prompt and completion are named together");
    }
    int kinds = (messages == null ? 0 : 1) + (prompt == null ? 0 : 1) + (text == null ? 0 : 1);
    if (kinds > 1) {
      throw OptionException.refused(
          "", "a data file holds messages, or prompt and completion, or text: name one of them");
    }
  }

  /**
   * How a file's rows are read for a model. Prompts and completions become chats if the model has a
   * template, and plain text if it has none.
   *
   * @throws DataException if the file has no such columns, or holds chats and the model has no
   *     template for them
   */
  public Encoding encoding(DataFile file, ModelText model) {
    ChatTemplate template = model.chatTemplate();
    DataColumns columns = equals(BY_NAME) ? byName(file) : this;
    if (columns.messages != null) {
      if (template == null) {
        throw new DataException(
            file.path().getFileName()
                + " holds chats (column \""
                + columns.messages
                + "\"), but the model has no chat template; train it on texts, or on prompts and"
                + " completions");
      }
      return new ChatEncoding(model.tokenizer(), template, List.of(columns.messages));
    } else if (columns.prompt != null && columns.completion != null) {
      return template != null
          ? new ChatEncoding(
              model.tokenizer(), template, List.of(columns.prompt, columns.completion))
          : new CompletionEncoding(
              model.tokenizer(), columns.prompt, columns.completion, end(model));
    }
    return new TextEncoding(model.tokenizer(), String.valueOf(columns.text), end(model));
  }

  /**
   * Gives out all texts of a file's rows, as a tokenizer is to learn them: of chats, each role
   * before its words.
   *
   * @throws DataException if the file has no such columns
   */
  public void texts(DataFile file, Consumer<String> sink) {
    DataColumns columns = equals(BY_NAME) ? byName(file) : this;
    List<String> names =
        Stream.of(columns.messages, columns.prompt, columns.completion, columns.text)
            .filter(name -> name != null)
            .toList();
    file.forEach(
        names,
        row -> {
          for (JsonNode value : row.values()) {
            if (!value.isArray()) sink.accept(value.asText());
            for (JsonNode message : value) {
              sink.accept(message.path("role").asText() + "\n");
              sink.accept(message.path("content").asText());
            }
          }
        });
  }

  private static DataColumns byName(DataFile file) {
    Set<String> there = Set.copyOf(file.columns());
    if (there.contains("messages")) {
      return new DataColumns("messages", null, null, null);
    } else if (there.contains("prompt") && there.contains("completion")) {
      return new DataColumns(null, "prompt", "completion", null);
    } else if (there.contains("text")) {
      return new DataColumns(null, null, null, "text");
    }
    throw new DataException(
        "%s has no column \"messages\", no \"prompt\" and \"completion\", and no \"text\" (its columns: %s); say which of its columns to read"
            .formatted(file.path().getFileName(), String.join(", ", file.columns())));
  }

  /** What ends a text: the model's own end of text where it has one, or what ends its answers. */
  static int end(ModelText model) {
    Set<Integer> ends = model.tokenizer().eos();
    for (int id : model.tokenizer().specialIds()) {
      String token = model.tokenizer().token(id);
      if (token.equals("<|endoftext|>") || token.equals("<|end_of_text|>")) {
        return id;
      }
    }
    return ends.stream().min(Integer::compare).orElse(-1);
  }
}
