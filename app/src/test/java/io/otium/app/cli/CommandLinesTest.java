package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.app.cli.Run.Setting;
import io.otium.lm.LoadOptions;
import io.otium.lm.LoadOptions.WeightPrecision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandLinesTest {
  @TempDir Path home;
  private Setting setting;

  @BeforeEach
  void freshHome() {
    setting = new Setting(home);
  }

  @Test
  void helpListsEveryVerb() {
    Run run = setting.run("--help");
    assertThat(run.code()).isZero();
    for (Verbs.Entry entry : Verbs.ALL) assertThat(run.out()).contains("  " + entry.name());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void everyVerbHasJsonAndHelpThatFitsATerminal() {
    for (Verbs.Entry entry : Verbs.ALL) {
      Run run = setting.run(entry.name(), "--help");
      assertThat(run.code()).isZero();
      assertThat(run.out()).contains("--json").contains("--verbose");
      assertThat(run.out().lines()).allMatch(line -> line.length() <= 96);
    }
  }

  @Test
  void noVerbIsBadUsage() {
    Run run = setting.run();
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("otium: a command is missing (see ./otium --help)\n");
  }

  @Test
  void aMistypedVerbIsCorrected() {
    Run run = setting.run("complet", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("there is no command complet; did you mean complete?");
  }

  @Test
  void aMistypedOptionIsCorrected() {
    Run run = setting.run("complete", "--temprature", "1", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no option --temprature; did you mean --temperature?");
    assertThat(setting.loaded).isEmpty();
  }

  @Test
  void aValueOutOfRangeIsRefusedBeforeAModelIsLoaded() {
    Run run = setting.run("complete", "--top-p", "7", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("otium complete: --top-p must be a number from 0 to 1");
    assertThat(setting.loaded).isEmpty();
  }

  @Test
  void errorsAreJsonTooWhereAsked() throws IOException {
    Run run = setting.run("complete", "--json", "--top-p", "7", "x");
    assertThat(run.json().at("/error/code").asInt()).isEqualTo(2);
    assertThat(run.json().at("/error/message").asText()).startsWith("--top-p must be");
  }

  @Test
  void aStackTraceIsForVerbose() {
    String[] tooLong = {"complete", "x".repeat(600)};
    Run quiet = setting.run(tooLong);
    assertThat(quiet.code()).isEqualTo(2);
    assertThat(quiet.err().lines()).hasSize(1);
    assertThat(setting.run("complete", "--verbose", "x".repeat(600)).err())
        .contains("at io.otium.app.cli");
  }

  @Test
  void completePrintsTheAnswerAndNothingElse() {
    Run run = setting.run("complete", "The", "capital", "of", "France", "is");
    assertThat(run).isEqualTo(new Run(0, "Paris, of course.\n", ""));
    assertThat(setting.model.decode(setting.model.requests.getFirst().prompt(), false))
        .isEqualTo("The capital of France is");
    assertThat(setting.model.closed).isTrue();
  }

  @Test
  void completeReadsAPipe() {
    setting.piped("Once upon\na time\n").run("complete", "--max-tokens", "5");
    var request = setting.model.requests.getFirst();
    assertThat(setting.model.decode(request.prompt(), false)).isEqualTo("Once upon\na time");
    assertThat(request.options().maxTokens()).isEqualTo(5);
  }

  @Test
  void wordsAndAPipeJoinAtTheDash() {
    setting.piped("a\nb\n").run("chat", "Summarise:", "-");
    assertThat(setting.model.conversation.getLast().content()).isEqualTo("Summarise: \na\nb");
  }

  @Test
  void completeWithoutATextSaysHow() {
    Run run = setting.run("complete");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("write it behind the command, or pipe it in");
  }

  @Test
  void completeAsJson() throws IOException {
    var answer = setting.run("complete", "--json", "Hi").json();
    assertThat(answer.path("text").asText()).isEqualTo("Paris, of course.");
    assertThat(answer.path("finish").asText()).isEqualTo("stop");
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(2);
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(5);
    assertThat(answer.at("/stats/ttftMs").asDouble()).isEqualTo(12);
    assertThat(answer.path("tokens")).hasSize(3);
  }

  @Test
  void everyGenerateOptionIsAFlag() {
    Run run =
        setting.run(
            "complete",
            "--temperature",
            "0",
            "--top-k=5",
            "--stop",
            "a,b",
            "--seed",
            "3",
            "--ignore-eos",
            "x");
    assertThat(run.code()).as(run.err()).isZero();
    var options = setting.model.requests.getFirst().options();
    assertThat(options.temperature()).isZero();
    assertThat(options.topK()).isEqualTo(5);
    assertThat(options.stop()).containsExactly("a", "b");
    assertThat(options.seed()).isEqualTo(3);
    assertThat(options.ignoreEos()).isTrue();
  }

  @Test
  void chatAnswersAPipeOnce() {
    Run run = setting.piped("What is\nthe capital?\n").run("chat", "--system", "Be brief.");
    assertThat(run.out()).isEqualTo("Paris, of course.\n");
    assertThat(setting.model.conversation)
        .extracting("role", "content")
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("system", "Be brief."),
            org.assertj.core.groups.Tuple.tuple("user", "What is\nthe capital?"));
  }

  @Test
  void chatNeedsATemplate() {
    setting.model.template = false;
    Run run = setting.run("chat", "Hi");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("fake has no chat template");
  }

  @Test
  void embedPrintsALineAText() {
    Run run = setting.piped("a cat\n\na dog!\n").run("embed");
    assertThat(run.out()).isEqualTo("[0.6,5.0,-0.8]\n[0.6,6.0,-0.8]\n");
  }

  @Test
  void embedAsJson() throws IOException {
    var answer = setting.run("embed", "--json", "one", "two words").json();
    assertThat(answer.at("/embeddings/1/text").asText()).isEqualTo("two words");
    assertThat(answer.at("/embeddings/1/tokens").asInt()).isEqualTo(9);
    assertThat(answer.at("/embeddings/0/vector")).hasSize(3);
  }

  @Test
  void weightsAreCheckedByName() {
    Run run = setting.run("complete", "--weights", "int5", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--weights is 'int5'; allowed are auto, fp32, bf16, int8, int4");
  }

  @Test
  void modelAndWeightsReachTheLoader() {
    setting.run("complete", "--model", "hf:a/b", "--weights", "int8", "x");
    assertThat(setting.loaded)
        .containsExactly(
            new Cli.LoadRequest(
                "hf:a/b", LoadOptions.defaults().withWeights(WeightPrecision.INT8)));
  }

  @Test
  void theEnginesOptionsAreFlags() {
    Run run = setting.run("complete", "--threads", "3", "--no-prefix-cache", "x");
    assertThat(run.code()).as(run.err()).isZero();
    var engine = setting.loaded.getFirst().options().engine();
    assertThat(engine.threads()).isEqualTo(3);
    assertThat(engine.prefixCache()).isFalse();
    assertThat(engine.halfCache()).isTrue();
  }

  @Test
  void methodsOfLazyInferenceAreFlags() {
    assertThat(setting.run("complete", "--kv", "full", "--prefill", "full", "x").code()).isZero();
    Run run = setting.run("complete", "--kv", "ful", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--kv").contains("full");
  }

  @Test
  void papersListsTheCatalogue() throws IOException {
    assertThat(setting.run("papers").out()).contains("lazyllm").contains("68 systems");
    assertThat(setting.run("papers", "--json").json()).hasSize(68);
    assertThat(setting.run("papers", "lazyllm").out()).contains("claim");
    assertThat(setting.run("papers", "no-such").err()).contains("there is no paper 'no-such'");
  }

  @Test
  void noRunsIsSaidSo() {
    assertThat(setting.run("runs").out()).isEqualTo("Nothing was run yet.\n");
    assertThat(setting.run("runs", "--json").out()).isEqualTo("[]\n");
    assertThat(setting.run("runs", "show", "x").code()).isEqualTo(2);
  }

  @Test
  void theDoctorSaysWhatIsHereAndWhatIsMissing() throws IOException {
    Run run = setting.run("doctor", "--quick", "--json");
    var found = run.json();
    for (String part :
        new String[] {"java", "cpu", "memory", "disk", "models", "kernels", "peers"}) {
      assertThat(found.path(part).isObject()).as(part).isTrue();
    }
    assertThat(found.at("/cpu/threads").asInt()).isPositive();
    assertThat(found.path("problems").toString()).contains("./otium pull smollm2-135m-instruct");
    assertThat(found.path("ok").asBoolean()).isEqualTo(run.code() == 0);
    assertThat(setting.run("doctor", "--quick").out()).contains("Vector API with");
  }

  @Test
  void aPortInUseIsToldBeforeTheModelIsLoaded() throws IOException {
    try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Run run = setting.run("serve", "--port", port);
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).contains("port " + port + ": it is in use").contains("--port");
      assertThat(setting.loaded).isEmpty();
    }
  }

  @Test
  void aServerWhoseModelCannotBeLoadedEndsWithASentence() {
    setting.model.failure = "its weights are cut short";
    Run run = setting.run("serve", "--port", "0");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("Serving fake").contains("http://127.0.0.1:");
    assertThat(run.err()).isEqualTo("otium serve: its weights are cut short\n");
  }

  @Test
  void anEmptyStoreNamesTheKnownModels() {
    Run run = setting.run("models");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("No model is installed").contains("smollm2-135m-instruct");
    assertThat(setting.run("models", "--json").out()).isEqualTo("[]\n");
  }

  @Test
  void modelsShowOfWhatIsNotThereFails() {
    Run run = setting.run("models", "show", "nothing");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("No model 'nothing' is installed");
  }

  @Test
  void modelsShowTellsWhatAModelIsAndNeeds() throws IOException {
    assertThat(setting.run("pull", "file:" + SmallModels.folder("llama")).code()).isZero();
    var shown = setting.run("models", "show", "llama", "--json").json();
    assertThat(shown.path("architecture").asText()).isEqualTo("llama");
    assertThat(shown.path("dtype").asText()).isEqualTo("f32");
    assertThat(shown.path("layers").asInt()).isEqualTo(2);
    long parameters = shown.path("parameters").asLong();
    long fullCache =
        2
            * shown.at("/memory/cacheBytesPerToken").asLong()
            * shown.at("/memory/cacheTokens").asInt();
    assertThat(shown.at("/memory/fp32/bytes").asLong()).isEqualTo(4 * parameters + fullCache);
    assertThat(shown.path("files")).isNotEmpty();
    assertThat(setting.run("models", "show", "llama").out())
        .containsPattern("architecture +llama, 2 layers of width 48")
        .containsPattern("memory +fp32 .* of weights, .* of cache for [\\d,]+ tokens")
        .contains("config.json")
        .contains("sha256 ");
  }

  @Test
  void modelsShowTakesAPathAndTellsADamagedOneInASentence() throws IOException {
    Run run = setting.run("models", "show", SmallModels.folder("bert").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).containsPattern("architecture +bert").doesNotContain("cache");
    Path half = home.resolve("half.gguf");
    byte[] whole = Files.readAllBytes(SmallModels.folder("gpt2").resolve("model.gguf"));
    Files.write(half, Arrays.copyOf(whole, whole.length / 2));
    Run damaged = setting.run("models", "show", half.toString());
    assertThat(damaged.code()).isEqualTo(1);
    assertThat(damaged.err().lines()).singleElement().asString().contains("half.gguf");
  }

  @Test
  void pullOfAPathThatIsNotThereFails() {
    Run run = setting.run("pull", "file:/nowhere/model.gguf");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("/nowhere/model.gguf");
  }

  @Test
  void bashCompletesVerbsOptionsAndTheirValues() throws Exception {
    Path script =
        Files.writeString(home.resolve("otium.bash"), setting.run("completion", "bash").out());
    assertThat(completed(script, "mod")).isEqualTo("models");
    assertThat(completed(script, "models", "")).isEqualTo("examine rm show");
    assertThat(completed(script, "serve", "--weights", "in")).isEqualTo("int8 int4");
    assertThat(completed(script, "complete", "--kv", "")).contains("full");
    assertThat(setting.run("completion", "zsh").out()).contains("bashcompinit");
    assertThat(setting.run("completion", "fish").code()).isEqualTo(2);
  }

  /** What bash offers for the last word. */
  private static String completed(Path script, String... words) throws Exception {
    String line =
        "compopt() { :; }; source '%s'; COMP_WORDS=(./otium '%s'); COMP_CWORD=%d; _complete_otium; echo \"${COMPREPLY[@]}\""
            .formatted(script, String.join("' '", words), words.length);
    Process bash =
        new ProcessBuilder("bash", "-c", line)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void versionNamesOtiumAndJava() {
    assertThat(setting.run("--version").out()).matches("otium \\S+ \\(Java 2\\d.*\\)\n");
  }
}
