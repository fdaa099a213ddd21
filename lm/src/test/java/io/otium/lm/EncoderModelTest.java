package io.otium.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.GgufType;
import io.otium.lm.format.GgufValue;
import io.otium.lm.format.GgufWriter;
import io.otium.lm.format.TensorSource;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.PlainForward;
import io.otium.lm.model.Pooling;
import io.otium.lm.model.TestModels;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small BERT with a tokenizer of words: {@code w4} is token 4, {@code ##s} goes on a word. */
class EncoderModelTest {
  private static final List<String> WORDS = words();

  @TempDir Path folder;

  private static List<String> words() {
    var words = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"));
    IntStream.range(4, 99).forEach(id -> words.add("w" + id));
    words.add("##s");
    return words;
  }

  @BeforeEach
  void plantTheModel() throws IOException {
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(TestModels.folder("bert").resolve(name), folder.resolve(name));
    }
    String vocabulary =
        IntStream.range(0, WORDS.size())
            .mapToObj(id -> "\"%s\": %d".formatted(WORDS.get(id), id))
            .collect(Collectors.joining(", "));
    String special =
        IntStream.range(0, 4)
            .mapToObj(
                id ->
                    """
                    {"id": %d, "content": "%s", "special": true, "single_word": false,
                     "lstrip": false, "rstrip": false, "normalized": false}\
                    """
                        .formatted(id, WORDS.get(id)))
            .collect(Collectors.joining(", "));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
           "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
             {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
           "pair": [],
           "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
             "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
           "max_input_chars_per_word": 100, "vocab": {%s}}}
        """
            .formatted(special, vocabulary));
  }

  private void pooling(String json) throws IOException {
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.writeString(folder.resolve("1_Pooling/config.json"), json);
  }

  private EncoderModel load() throws IOException {
    return EncoderModel.load("small", folder);
  }

  @Test
  void textsBecomeVectorsByTheMeanWhereNothingElseIsSaid() throws IOException {
    try (EncoderModel model = load()) {
      assertThat(model.tokenizer().encode("W7 w50s", true, false)).containsExactly(2, 7, 50, 99, 3);
      assertThat(model.embed("W7 w50s"))
          .containsExactly(expected(Pooling.MEAN, 2, 7, 50, 99, 3), within(1e-6f));
      assertThat(model.info().architecture()).isEqualTo("bert");
      assertThat(model.info().weights()).isEqualTo("fp32");
      assertThat(model.info().context()).isEqualTo(64);
      assertThat(model.stats().promptTokens()).isEqualTo(5);
    }
  }

  /** What the plain forward pass and a pooling make of token ids. */
  private float[] expected(Pooling pooling, int... tokens) throws IOException {
    try (TensorSource source = TensorSource.open(folder)) {
      Weights weights = Weights.of(ModelConfig.fromJson(folder), source);
      return new PlainForward(weights).embed(tokens, pooling);
    }
  }

  @Test
  void theFilesBesideTheWeightsChooseThePooling() throws IOException {
    for (String cls :
        List.of(
            "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}",
            "{\"pooling_mode\": \"cls\"}")) {
      pooling(cls);
      try (EncoderModel model = load()) {
        assertThat(model.embed("w9 w10"))
            .containsExactly(expected(Pooling.CLS, 2, 9, 10, 3), within(1e-6f));
      }
    }
    pooling("{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}");
    assertThatThrownBy(this::load).hasMessageContaining("only one of them");
    pooling("{\"pooling_mode_max_tokens\": true}");
    assertThatThrownBy(this::load).hasMessageContaining("mean, cls, lasttoken");
    pooling("{]");
    assertThatThrownBy(this::load).hasMessageContaining("config.json is not JSON");
    pooling("{\"pooling_mode_mean_tokens\": true}");
    Files.writeString(
        folder.resolve("modules.json"), "[{\"type\": \"sentence_transformers.models.Dense\"}]");
    assertThatThrownBy(this::load).hasMessageContaining("sentence_transformers.models.Dense");
  }

  @Test
  void aGgufFileChoosesItsPoolingToo() throws IOException {
    Path file = folder.resolve("small.gguf");
    try (var bare = GgufFile.open(TestModels.folder("bert").resolve("model.gguf"))) {
      var writer =
          new GgufWriter()
              .values(bare.values())
              .value("tokenizer.ggml.model", GgufValue.string("bert"))
              .value("tokenizer.ggml.tokens", GgufValue.strings(llamaCppWords()))
              .value("tokenizer.ggml.token_type", GgufValue.array(GgufType.INT32, kinds()))
              .value("tokenizer.ggml.cls_token_id", GgufValue.uint32(2))
              .value("tokenizer.ggml.seperator_token_id", GgufValue.uint32(3))
              .value("tokenizer.ggml.unknown_token_id", GgufValue.uint32(1))
              .value("bert.pooling_type", GgufValue.uint32(2));
      for (String name : bare.names()) writer.tensor(bare.require(name));
      writer.write(file);
    }
    try (EncoderModel model = EncoderModel.load("small", file)) {
      assertThat(model.embed("w9 w10s"))
          .containsExactly(expected(Pooling.CLS, 2, 9, 10, 99, 3), within(1e-5f));
    }
  }

  /** As llama.cpp writes a vocabulary of word pieces. */
  private static List<String> llamaCppWords() {
    return WORDS.stream()
        .map(
            word ->
                word.startsWith("##")
                    ? word.substring(2)
                    : word.startsWith("[") ? word : "\u2581" + word)
        .toList();
  }

  private static int[] kinds() {
    return IntStream.range(0, WORDS.size()).map(id -> id < 4 ? 3 : 1).toArray();
  }

  @Test
  void anEncoderIsLoadedWhereAnyModelIsButWritesNoText() throws IOException {
    LanguageModel model =
        LanguageModel.load("file:" + folder, LoadOptions.defaults(), ProgressListener.NONE);
    try (model) {
      assertThat(model).isInstanceOf(EncoderModel.class);
      assertThat(model.canGenerate()).isFalse();
      assertThat(model.canChat()).isFalse();
      var request =
          new GenerationRequest(new int[] {2}, GenerateOptions.greedy(1), GenerationListener.NONE);
      assertThatThrownBy(() -> model.submit(request))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("makes embeddings and writes no text");
      String long64 = String.join(" ", Collections.nCopies(63, "w5"));
      assertThatThrownBy(() -> model.embed(model.tokenizer().encode(long64, true, false)))
          .hasMessage("65 tokens given; there must be 1 to 64");
    }
    assertThatThrownBy(() -> Model.load("small", folder, LoadOptions.defaults()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is an encoder");
    assertThatThrownBy(() -> EncoderModel.load("tiny", TestModels.tinyChat()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no encoder");
  }

  @Test
  void anEncoderHasNoOtherPrecision() {
    LoadOptions four = LoadOptions.defaults().withWeights(LoadOptions.WeightPrecision.INT4);
    assertThatThrownBy(() -> LanguageModel.load("file:" + folder, four, ProgressListener.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("used at fp32")
        .hasMessageContaining("int4");
  }
}
