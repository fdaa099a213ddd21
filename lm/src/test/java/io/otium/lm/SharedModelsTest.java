package io.otium.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Randomness;
import io.otium.lm.LoadOptions.WeightPrecision;
import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.LoraOptions;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.TestModels;
import io.otium.lm.text.ChatMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedModelsTest {
  private static final LoadOptions EXACT = LoadOptions.defaults().withWeights(WeightPrecision.FP32);

  @TempDir Path folder;

  private final SharedModels shared = new SharedModels();

  @Test
  void anAdapterBesideItsBaseAnswersAsOneThatIsMerged() throws Exception {
    Path base = TestModels.tinyChat();
    String first = adapter(base, 1).toString();
    String second = adapter(base, 2).toString();
    try (LanguageModel one = load(first);
        LanguageModel two = load(second);
        LanguageModel own = load(base.toString())) {
      assertThat(answer(one)).isEqualTo(merged(first)).isNotEqualTo(answer(own));
      assertThat(answer(two)).isEqualTo(merged(second)).isNotEqualTo(answer(one));
      assertThat(answer(own)).isEqualTo(merged(base.toString()));
      assertThat(one.stats().requests()).as("one engine's").isEqualTo(own.stats().requests());
      assertThat(one.info().parameters()).isGreaterThan(own.info().parameters());
    }
  }

  @Test
  void closingOneLeavesTheOthers() throws Exception {
    Path base = TestModels.tinyChat();
    LanguageModel own = load(base.toString());
    LanguageModel adapted = load(adapter(base, 1).toString());
    String before = answer(adapted);
    own.close();
    assertThat(answer(adapted)).isEqualTo(before);
    adapted.close();
    assertThatThrownBy(() -> answer(adapted)).hasMessageContaining("unloaded");
    try (LanguageModel again = load(base.toString())) {
      assertThat(answer(again)).isNotEmpty();
    }
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() throws Exception {
    Path adapter = adapter(TestModels.tinyChat(), 1);
    Path weights = adapter.resolve(AdapterFiles.WEIGHTS);
    String bytes = Files.readString(weights, StandardCharsets.ISO_8859_1);
    String renamed = bytes.replace("layers.0.", "layers.9.");
    Files.writeString(weights, renamed, StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> load(adapter.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the adapter changes model.layers.9.");
  }

  private LanguageModel load(String ref) throws IOException {
    try (FoundModel found = shared.find(ref, EXACT, ProgressListener.NONE)) {
      return found.load();
    }
  }

  private static String merged(String ref) throws IOException {
    try (LanguageModel model = LanguageModel.load(ref, EXACT, ProgressListener.NONE)) {
      return answer(model);
    }
  }

  private static String answer(LanguageModel model) {
    int[] prompt = model.chatPrompt(List.of(ChatMessage.user("Hello!")));
    var request =
        new GenerationRequest(prompt, GenerateOptions.greedy(20), GenerationListener.NONE);
    return model.submit(request).await().text();
  }

  /** Random updates, in peft's files. */
  private Path adapter(Path base, long seed) throws IOException {
    Path made = folder.resolve("adapter-" + seed);
    try (ModelFilesOf files = new ModelFilesOf(base);
        AutogradModel model = AutogradModel.of(files.files().weights(), DType.F32);
        Lora lora = Lora.on(model, LoraOptions.DEFAULTS, new Randomness(seed));
        var _ = new NoGrad()) {
      var random = new Randomness(seed + 9).stream(Randomness.INIT);
      lora.parameters().values().forEach(p -> random.normalInPlace(p, 0, 0.2));
      AdapterFiles.write(lora, base.toString(), made);
    }
    return made;
  }

  private record ModelFilesOf(ModelFiles files) implements AutoCloseable {
    ModelFilesOf(Path path) throws IOException {
      this(ModelFiles.open(path));
    }

    @Override
    public void close() {
      files.text().tokenizer().close();
      files.closeWeights();
    }
  }
}
