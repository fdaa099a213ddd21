package io.otium.examples;

import io.otium.lm.Model;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.text.ChatMessage;
import java.io.IOException;
import java.util.List;

/** A conversation whose answer is printed as it is written, at most 60 tokens of it. */
public final class StreamAnAnswer {
  private StreamAnAnswer() {}

  public static void main(String[] args) throws IOException {
    String name = args.length > 0 ? args[0] : "smollm2-135m-instruct";
    try (Model model = Model.load(name)) {
      List<ChatMessage> conversation =
          List.of(
              ChatMessage.system("You answer in one sentence."),
              ChatMessage.user("What does a compiler do?"));
      String answer = model.chat(conversation, GenerateOptions.greedy(60), System.out::print);
      System.out.println();
      System.out.println(model.tokenizer().encode(answer, false, false).length + " tokens");
    }
  }
}
