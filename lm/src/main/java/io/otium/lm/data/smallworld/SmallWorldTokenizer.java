package io.otium.lm.data.smallworld;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.data.Examples;
import io.otium.lm.text.BytePairTrainer;
import io.otium.lm.text.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The small world's own tokenizer and chat template, as files that a model comes with. */
public final class SmallWorldTokenizer {
  /** Ends a text; begins none. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private static final String START = "<|im_start|>";
  private static final String END = "<|im_end|>";
  private static final String TEMPLATE =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n'"
          + " + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  private static final ObjectMapper JSON = new ObjectMapper();

  private SmallWorldTokenizer() {}

  /**
   * Learns a tokenizer from lessons and writes {@code tokenizer.json} and {@code
   * tokenizer_config.json}.
   *
   * @param context tokens that the model can see at once
   */
  public static void write(Path folder, Examples<Lesson> lessons, int vocabularySize, int context)
      throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < lessons.size(); i++) {
      Lesson lesson = lessons.get(i);
      texts.add(lesson.text());
      for (ChatMessage message : lesson.messages()) {
        texts.add(message.role() + "\n");
        texts.add(message.content());
      }
    }
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
