package io.otium.examples;

import io.otium.core.optim.AdamW;
import io.otium.core.optim.Optimizer;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Randomness;
import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import io.otium.lm.ModelFiles;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.LoraOptions;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ChunkedLoss;
import io.otium.lm.text.ChatMessage;
import java.io.IOException;
import java.util.List;

/** Teaches a model one fact as an adapter, and asks it, without a file in between. */
public final class TeachAModel {
  private TeachAModel() {}

  public static void main(String[] args) throws IOException {
    String name = args.length > 0 ? args[0] : "smollm2-135m-instruct";
    ModelFiles files = ModelFiles.open(Models.open().resolve(name, ProgressListener.NONE));
    var question = ChatMessage.user("Who keeps the lighthouse of Ormsund?");
    var answer = ChatMessage.assistant("Tove Lind keeps it.");
    TokenBatch lesson = TokenBatch.ofChats(files.text(), List.of(List.of(question, answer)));

    try (var model = AutogradModel.of(files.weights(), DType.BF16);
        var lora = Lora.on(model, LoraOptions.DEFAULTS, new Randomness(1));
        var optimizer = Optimizer.of(AdamW.DEFAULTS.withLr(1e-3), lora.parameters())) {
      var loss = new ChunkedLoss(model, false);
      for (int step = 1; step <= 10; step++) {
        double sum = loss.backward(lesson, 1.0 / lesson.learned());
        optimizer.step();
        optimizer.zeroGrad();
        System.out.printf("step %d: loss %.3f%n", step, sum / lesson.learned());
      }
      var taught = files.weights().with(lora.updates());
      try (var chat = Model.of("taught", taught, files.text(), LoadOptions.defaults())) {
        System.out.println(chat.chat(List.of(question), GenerateOptions.greedy(20), _ -> {}));
      }
    } finally {
      files.text().tokenizer().close();
      files.closeWeights();
    }
  }
}
