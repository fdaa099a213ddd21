package io.otium.examples;

import io.otium.lm.Model;
import java.io.IOException;

/** The shortest program: loads a model (and fetches it, the first time), asks, prints. */
public final class AskAModel {
  private AskAModel() {}

  public static void main(String[] args) throws IOException {
    String name = args.length > 0 ? args[0] : "smollm2-135m-instruct";
    try (Model model = Model.load(name)) {
      System.out.println(model.chat("Why is the sky blue?"));
    }
  }
}
