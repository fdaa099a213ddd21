package io.otium.lm.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.options.OptionException;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.lm.ModelFiles;
import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.adapter.Lora;
import io.otium.lm.adapter.LoraOptions;
import io.otium.lm.format.FormatException;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.TensorType;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.TestModels;
import io.otium.lm.text.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelExportTest {
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};
  private static final List<ChatMessage> CHAT = List.of(ChatMessage.user("Who are you?"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3", "gpt2"})
  void everyFamilyGoesToGgufAndBackAndStaysWhatItWas(String family) throws Exception {
    Path model = TestModels.withChat(family, folder.resolve("model"));
    ExportedModel gguf = export(model, Map.of("to", "a.gguf"));
    assertThat(gguf.type()).isEqualTo("f32");
    assertSame(gguf.path(), model);
    ExportedModel back = export(gguf.path(), Map.of("to", "back"));
    assertSame(back.path(), model);
    assertSame(export(model, Map.of("to", "again", "type", "f32")).path(), model);
  }

  private void assertSame(Path exported, Path model) throws IOException {
    ModelFiles expected = ModelFiles.open(model);
    ModelFiles actual = ModelFiles.open(exported);
    assertThat(new PlainForward(actual.weights()).logits(TOKENS))
        .containsExactly(new PlainForward(expected.weights()).logits(TOKENS), within(1e-5f));
    assertThat(actual.text().chatPrompt(CHAT, true, Map.of()))
        .isEqualTo(expected.text().chatPrompt(CHAT, true, Map.of()));
    assertThat(actual.text().tokenizer().eos()).containsAll(expected.text().tokenizer().eos());
    actual.closeWeights();
    expected.closeWeights();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2", "qwen3"})
  void anAdapterIsWrittenAsItIsOrInsideOfItsModel(String family) throws Exception {
    Path model = TestModels.withChat(family, folder.resolve("model"));
    Path adapter = adapter(model, List.of("q_proj", "v_proj", "o_proj", "up_proj"));
    ExportedModel alone = export(adapter, Map.of("to", "alone", "base", "org/its-base"));
    assertThat(alone.format()).isEqualTo(ExportOptions.Format.ADAPTER);
    assertThat(Files.readString(alone.path().resolve(AdapterFiles.CONFIG)))
        .contains("\"base_model_name_or_path\" : \"org/its-base\"");
    assertThat(AdapterFiles.read(alone.path()).base()).isEqualTo("hf:org/its-base");
    assertThat(AdapterFiles.read(alone.path()).updates().keySet())
        .isEqualTo(AdapterFiles.read(adapter).updates().keySet());
    assertSame(export(adapter, Map.of("to", "whole", "merge", true)).path(), adapter);
    assertSame(export(adapter, Map.of("to", "whole.gguf")).path(), adapter);
  }

  private Path adapter(Path model, List<String> targets) throws IOException {
    Path adapter = folder.resolve("adapter");
    ModelFiles files = ModelFiles.open(model);
    try (AutogradModel twin = AutogradModel.of(files.weights(), DType.F32);
        Lora lora =
            Lora.on(twin, new LoraOptions(4, 8, 0, targets, true, false), new Randomness(1));
        var _ = new Scope();
        var _ = new NoGrad()) {
      var random = new Randomness(2).stream(Randomness.INIT);
      lora.parameters().values().forEach(p -> random.normalInPlace(p, 0, 0.1));
      AdapterFiles.write(lora, model.toString(), adapter);
      float[] expected = new PlainForward(files.weights().with(lora.updates())).logits(TOKENS);
      ModelFiles read = ModelFiles.open(adapter);
      assertThat(new PlainForward(read.weights()).logits(TOKENS))
          .containsExactly(expected, within(1e-4f))
          .isNotEqualTo(new PlainForward(files.weights()).logits(TOKENS));
      read.closeWeights();
    } finally {
      files.closeWeights();
    }
    return adapter;
  }

  @Test
  void numbersArePackedWhereLlamaCppPacksThem() throws Exception {
    Path model = TestModels.tinyChat();
    ExportedModel exported = export(model, Map.of("to", "a.gguf", "type", "q4_0"));
    try (GgufFile file = GgufFile.open(exported.path())) {
      assertThat(file.require("blk.0.attn_q.weight").type()).isEqualTo(TensorType.Q4_0);
      assertThat(file.require("token_embd.weight").type()).isEqualTo(TensorType.Q8_0);
      assertThat(file.require("output_norm.weight").type()).isEqualTo(TensorType.F32);
      assertThat(file.metadata()).containsEntry("general.file_type", 2L);
    }
    assertThat(export(model, Map.of("to", "as-it-is")).type()).isEqualTo("bf16");
    ExportedModel unpacked = export(exported.path(), Map.of("to", "unpacked"));
    assertThat(unpacked.type()).isEqualTo("f32");
    assertSame(unpacked.path(), exported.path());
    assertSame(export(exported.path(), Map.of("to", "copy.gguf")).path(), exported.path());
  }

  @Test
  void whatIsThereIsReplacedOnlyWhereItIsAModelAndThatIsWanted() throws Exception {
    Path model = TestModels.tinyChat();
    export(model, Map.of("to", "out"));
    assertThatThrownBy(() -> export(model, Map.of("to", "out")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--force");
    assertSame(export(model, Map.of("to", "out", "force", true)).path(), model);
    Files.writeString(folder.resolve("out").resolve("thesis.txt"), "mine");
    assertThatThrownBy(() -> export(model, Map.of("to", "out", "force", true)))
        .hasMessageContaining("thesis.txt");
    assertThat(folder.resolve("out").resolve("thesis.txt")).hasContent("mine");
    assertThatThrownBy(() -> export(model, Map.of("to", model.toString(), "force", true)))
        .hasMessageContaining("the model itself");
    assertThatThrownBy(() -> export(model, Map.of("to", "out", "format", "gguf")))
        .hasMessageContaining("is a folder");
  }

  @Test
  void whatMakesNoSenseIsRefused() throws Exception {
    Path model = TestModels.tinyChat();
    assertThatThrownBy(
            () -> export(model, Map.of("to", "a", "type", "q8_0", "format", "safetensors")))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("type");
    assertThatThrownBy(() -> export(model, Map.of("to", "a", "type", "q8_0")))
        .hasMessageContaining("only gguf has");
    assertThatThrownBy(() -> export(model, Map.of("to", "a", "format", "adapter")))
        .hasMessageContaining("no adapter");
    assertThatThrownBy(() -> export(model, Map.of("to", "a", "merge", true)))
        .hasMessageContaining("nothing to merge");
    assertThatThrownBy(() -> ModelExport.requireRoom(folder, 2_000_000, 1_000_000))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("takes 2 MB, and the disk has 1 MB free");
  }

  @Test
  void nothingIsLeftOfAnExportThatFails() throws Exception {
    Path model = TestModels.withChat("gpt2", folder.resolve("model"));
    ModelFiles files = ModelFiles.open(model);
    var huge = folder.resolve("huge");
    try (AutogradModel twin = AutogradModel.of(files.weights(), DType.F32);
        Lora lora = Lora.on(twin, LoraOptions.DEFAULTS, new Randomness(1));
        var _ = new Scope();
        var _ = new NoGrad()) {
      lora.parameters().values().forEach(p -> p.fillInPlace(1e4));
      AdapterFiles.write(lora, model.toString(), huge);
    }
    files.closeWeights();
    assertThatThrownBy(() -> export(huge, Map.of("to", "out", "merge", true, "type", "f16")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("beyond what F16 can hold");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("model", "huge");
    }
  }

  private ExportedModel export(Path model, Map<String, ?> options) throws IOException {
    return ModelExport.of(
            model.toString(), model, ExportOptions.OPTIONS.fromMap(new HashMap<>(options)), folder)
        .write();
  }
}
