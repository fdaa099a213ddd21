package io.otium.lm.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A tokenizer that is learnt from texts, with ChatML for chats: the files that a model has. */
public final class NewTokenizer {
  /** Ends a text; begins none. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private static final String START = "<|im_start|>";
  private static final String END = "<|im_end|>";
  private static final String TEMPLATE =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n'"
          + " + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  private static final ObjectMapper JSON = new ObjectMapper();

  private NewTokenizer() {}

  /**
   * Writes {@code tokenizer.json} and {@code tokenizer_config.json}.
   *
   * @param texts gives out the texts to learn from
   * @param vocabularySize see {@link BytePairTrainer#train}
   * @param context tokens that the model can see at once
   */
  public static void write(
      Path folder, Consumer<Consumer<String>> texts, int vocabularySize, int context)
      throws IOException {
    ObjectNode tokenizer =
        BytePairTrainer.train(texts, vocabularySize, List.of(END_OF_TEXT, START, END));
    ObjectNode config = JSON.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("eos_token", END).put("pad_token", END_OF_TEXT).put("unk_token", END_OF_TEXT);
    config.put("model_max_length", context).put("clean_up_tokenization_spaces", false);
    config.put("chat_template", TEMPLATE);
    Files.createDirectories(folder);
    write(folder.resolve("tokenizer.json"), tokenizer);
    write(folder.resolve("tokenizer_config.json"), config);
  }

  private static void write(Path file, ObjectNode json) throws IOException {
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    Files.writeString(file, text.replace("\r\n", "\n") + "\n");
  }
}
