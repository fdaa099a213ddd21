package io.otium.app.server.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import com.openai.models.models.Model;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fine-tuning API, by OpenAI's own Java client, on a model of some thousand weights. */
class FineTuningApiTest {
  private static final Map<String, ?> QUICK =
      Map.of("steps", 6, "batch_rows", 1, "row_length", 64, "checkpoint_every", 3);

  /** More than a test waits for. */
  private static final Map<String, ?> ENDLESS =
      Map.of("steps", 1_000_000, "batch_rows", 1, "row_length", 64, "checkpoint_every", 5);

  @TempDir Path folder;
  private @Nullable TuningUnderTest test;
  private final HttpClient http = HttpClient.newHttpClient();

  private TuningUnderTest test() {
    TuningUnderTest running = test;
    if (running == null) {
      running = new TuningUnderTest(folder, options -> options);
      test = running;
    }
    return running;
  }

  @AfterEach
  void stop() {
    http.close();
    if (test != null) test.close();
  }

  @Test
  void aFileBecomesAModelThatAnswersByItsName() throws Exception {
    FileObject file = upload("lessons.jsonl", lessons());
    assertThat(file.validate().filename()).isEqualTo("lessons.jsonl");
    assertThat(test().client.files().list().data()).extracting(FileObject::id).contains(file.id());
    try (HttpResponse content = test().client.files().content(file.id())) {
      assertThat(new String(content.body().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(lessons());
    }

    FineTuningJob job =
        test()
            .client
            .fineTuning()
            .jobs()
            .create(
                order(file, QUICK)
                    .suffix("greeter")
                    .seed(7)
                    .validationFile(file.id())
                    .method(
                        JobCreateParams.Method.builder()
                            .type(JobCreateParams.Method.Type.SUPERVISED)
                            .supervised(
                                SupervisedMethod.builder()
                                    .hyperparameters(
                                        SupervisedHyperparameters.builder()
                                            .nEpochs(2)
                                            .learningRateMultiplier(0.5)
                                            .build())
                                    .build())
                            .build())
                    .metadata(
                        JobCreateParams.Metadata.builder()
                            .putAdditionalProperty("team", JsonValue.from("docs"))
                            .build())
                    .build())
            .validate();
    assertThat(job.fineTunedModel()).isEmpty();
    assertThat(job.seed()).isEqualTo(7);
    assertThat(watch(job)).contains("Step 6/6: training loss=", "[DONE]");

    FineTuningJob done = test().client.fineTuning().jobs().retrieve(job.id()).validate();
    assertThat(done.status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
    assertThat(done.trainedTokens().orElseThrow()).isPositive();
    assertThat(done.hyperparameters().learningRateMultiplier().orElseThrow().asNumber())
        .isEqualTo(0.5);
    String name = done.fineTunedModel().orElseThrow();
    assertThat(name).startsWith("ft:tiny-chat:greeter:");

    List<String> said =
        test().client.fineTuning().jobs().listEvents(job.id()).autoPager().stream()
            .map(event -> event.validate().message())
            .toList();
    assertThat(said).first().isEqualTo("Done");
    assertThat(said).contains("Checkpoint created at step 3").last().asString().contains("Created");
    var checkpoints = test().client.fineTuning().jobs().checkpoints().list(job.id()).data();
    assertThat(checkpoints).extracting(c -> c.validate().stepNumber()).containsExactly(6L, 3L);
    assertThat(checkpoints.getFirst().metrics().trainLoss()).isPresent();
    assertThat(checkpoints.getFirst().metrics().validLoss()).isPresent();
    assertThat(checkpoints.getFirst().fineTunedModelCheckpoint()).isEqualTo(name);

    assertThat(test().client.models().list().data())
        .extracting(Model::id)
        .containsExactly("tiny-chat", name);
    assertThat(answeringModel(name)).isEqualTo(name);
    String run = "run:" + job.id().substring("ftjob-".length());
    assertThat(answeringModel(run)).isEqualTo(run);

    assertThat(test().client.models().delete(name).validate().deleted()).isTrue();
    assertThatThrownBy(() -> answeringModel(name)).isInstanceOf(NotFoundException.class);
    assertThat(test().client.files().delete(file.id()).deleted()).isTrue();
    assertThatThrownBy(() -> test().client.files().retrieve(file.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void jobsWaitForTheirTurnAndAreCancelledPausedAndResumed() throws Exception {
    FileObject file = upload("lessons.jsonl", lessons());
    var jobs = test().client.fineTuning().jobs();
    FineTuningJob first = jobs.create(order(file, ENDLESS).build());
    FineTuningJob second = jobs.create(order(file, QUICK).build());
    assertThat(second.status()).isEqualTo(FineTuningJob.Status.QUEUED);
    waitForSteps(first, 6);
    assertThat(jobs.cancel(second.id()).status()).isEqualTo(FineTuningJob.Status.CANCELLED);
    assertThatThrownBy(() -> test().client.files().delete(file.id()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining(first.id());

    assertThat(jobs.pause(first.id())._status().toString()).contains("paused");
    assertThat(watch(first)).contains("[DONE]");
    RunInfo run = run(first);
    assertThat(run.state()).isEqualTo(RunState.CANCELLED);
    assertThatThrownBy(() -> jobs.cancel(first.id())).isInstanceOf(BadRequestException.class);

    assertThat(jobs.resume(first.id()).status()).isNotEqualTo(FineTuningJob.Status.CANCELLED);
    long before = steps(first);
    waitForSteps(first, before + 1);
    jobs.cancel(first.id());
    assertThat(watch(first)).contains("Goes on after step", "[DONE]");
    assertThat(jobs.retrieve(first.id()).status()).isEqualTo(FineTuningJob.Status.CANCELLED);
    assertThat(jobs.list().data())
        .extracting(FineTuningJob::id)
        .containsExactly(second.id(), first.id());
  }

  @Test
  void theQueueOutlivesItsServer() throws Exception {
    FileObject file = upload("lessons.jsonl", lessons());
    Map<String, ?> few =
        Map.of("steps", 40, "batch_rows", 1, "row_length", 64, "checkpoint_every", 1);
    FineTuningJob first = test().client.fineTuning().jobs().create(order(file, few).build());
    FineTuningJob second = test().client.fineTuning().jobs().create(order(file, QUICK).build());
    waitForSteps(first, 2);
    test().close();
    assertThat(run(first).state()).isEqualTo(RunState.INTERRUPTED);

    test = new TuningUnderTest(folder, options -> options);
    assertThat(watch(second)).contains("Done");
    assertThat(run(first).state()).isEqualTo(RunState.DONE);
    assertThat(steps(first)).isEqualTo(40);
  }

  @Test
  void aProcessThatDiesLeavesASentenceAndCanBeResumed() throws Exception {
    FileObject file = upload("lessons.jsonl", lessons());
    Map<String, ?> few =
        Map.of("steps", 40, "batch_rows", 1, "row_length", 64, "checkpoint_every", 1);
    FineTuningJob job = test().client.fineTuning().jobs().create(order(file, few).build());
    waitForSteps(job, 2);
    long pid = run(job).description().path("pid").asLong();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    watch(job);
    FineTuningJob failed = test().client.fineTuning().jobs().retrieve(job.id()).validate();
    assertThat(failed.status()).isEqualTo(FineTuningJob.Status.FAILED);
    assertThat(failed.error().orElseThrow().message()).contains("exit code", "resuming");
    assertThat(test().client.models().list().data()).extracting(Model::id).contains("tiny-chat");

    test().client.fineTuning().jobs().resume(job.id());
    watch(job);
    assertThat(run(job).state()).isEqualTo(RunState.DONE);
    assertThat(steps(job)).isEqualTo(40);
  }

  @Test
  void dataThatCannotBeTrainedOnFailsTheJobBeforeItBegins() throws Exception {
    FileObject file = upload("other.csv", "question,answer\nwhy,because\n");
    FineTuningJob job = test().client.fineTuning().jobs().create(order(file, QUICK).build());
    watch(job);
    FineTuningJob failed = test().client.fineTuning().jobs().retrieve(job.id()).validate();
    assertThat(failed.status()).isEqualTo(FineTuningJob.Status.FAILED);
    assertThat(failed.error().orElseThrow().code()).isEqualTo("invalid_training_file");
    assertThat(failed.error().orElseThrow().message())
        .contains("other.csv has no column \"messages\"", "question, answer");
    List<FineTuningJobEvent> events = test().client.fineTuning().jobs().listEvents(job.id()).data();
    assertThat(events.getFirst().level()).isEqualTo(FineTuningJobEvent.Level.ERROR);
  }

  private JobCreateParams.Builder order(FileObject file, Map<String, ?> recipe) {
    return JobCreateParams.builder()
        .model(TuningUnderTest.BASE)
        .trainingFile(file.id())
        .putAdditionalBodyProperty("otium", JsonValue.from(recipe));
  }

  private FileObject upload(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return test()
        .client
        .files()
        .create(FileCreateParams.builder().file(file).purpose(FilePurpose.FINE_TUNE).build());
  }

  private String answeringModel(String model) {
    return test()
        .client
        .chat()
        .completions()
        .create(
            ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("Hi")
                .maxCompletionTokens(2)
                .build())
        .model();
  }

  /** The job's events, as they come until it has ended. */
  private String watch(FineTuningJob job) throws Exception {
    URI uri =
        test().server.uri().resolve("/v1/fine_tuning/jobs/" + job.id() + "/events?stream=true");
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }

  private RunInfo run(FineTuningJob job) {
    return test().queue.runs().show(job.id().substring("ftjob-".length()));
  }

  private long steps(FineTuningJob job) {
    return run(job).metrics().stream().filter(line -> line.has("loss")).count();
  }

  private void waitForSteps(FineTuningJob job, long steps) {
    while (steps(job) < steps) {
      assertThat(run(job).state())
          .as(() -> run(job).description().toString())
          .isNotEqualTo(RunState.FAILED);
      Thread.onSpinWait();
    }
  }

  static String lessons() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines
          .append("{\"prompt\": \"Hello ")
          .append(i)
          .append("\", \"completion\": \"How can I help?\"}\n");
    }
    return lines.toString();
  }

  @Test
  void whatIsWrongIsSaidByFieldAndLine() throws Exception {
    test();
    refused(uploaded("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \n", "fine-tune"), 400)
        .contains("line 2", "invalid_file_format");
    refused(uploaded("a.doc", "words", "fine-tune"), 400).contains("is of no known kind");
    refused(uploaded("../../a.jsonl", "", "fine-tune"), 400).contains("is empty");
    refused(uploaded("a.jsonl", lessons(), "assistants"), 400).contains("purpose must be");
    refused(posted("/v1/files", "{}"), 400).contains("multipart/form-data");
    assertThat(test().client.files().list().data()).isEmpty();
    String file = upload("lessons.jsonl", lessons()).id();

    refusedJob("\"model\": \"tiny-chat\"").contains("training_file is missing");
    refusedJob("\"model\": \"tiny-chat\", \"training_file\": \"file-none\"")
        .contains("file_not_found");
    refusedJob("\"model\": \"gpt-9\", \"training_file\": \"" + file + "\"")
        .contains("model_not_found");
    String good = "\"model\": \"tiny-chat\", \"training_file\": \"" + file + "\", ";
    refusedJob(good + "\"n_epoch\": 3").contains("unknown_parameter");
    refusedJob(good + "\"hyperparameters\": {\"n_epochs\": 0}").contains("from 1 to 50");
    refusedJob(good + "\"hyperparameters\": {\"epochs\": 1}").contains("did you mean n_epochs");
    refusedJob(good + "\"method\": {\"type\": \"dpo\", \"dpo\": {}}")
        .contains("method.type must be supervised");
    refusedJob(good + "\"integrations\": [{\"type\": \"wandb\"}]")
        .contains("integrations are not supported");
    refusedJob(good + "\"suffix\": \"no spaces\"").contains("suffix must be");
    refusedJob(good + "\"otium\": {\"lora_rnk\": 4}").contains("did you mean lora-rank");
    refusedJob(good + "\"otium\": {\"lora_rank\": 0}").contains("otium.lora_rank must be");
    refusedJob(good + "\"otium\": {\"data\": \"/etc/passwd\"}").contains("training_file");
    refusedJob(good + "\"otium\": {\"epochs\": 2}, \"hyperparameters\": {\"n_epochs\": 3}")
        .contains("say the same");
    assertThat(test().client.fineTuning().jobs().list().data()).isEmpty();
    assertThatThrownBy(() -> test().client.models().delete("tiny-chat"))
        .isInstanceOf(BadRequestException.class);
  }

  @Test
  void aFileThatIsTooLargeGets413() throws Exception {
    test = new TuningUnderTest(folder, options -> options.withMaxFileBytes(2048));
    refused(uploaded("a.jsonl", "x".repeat(3000), "fine-tune"), 413)
        .contains("2,048 bytes", "--max-file-bytes");
    refused(uploaded("a.jsonl", "x".repeat(3_000_000), "fine-tune"), 413)
        .contains("request_too_large");
    upload("lessons.jsonl", lessons());
  }

  private org.assertj.core.api.AbstractStringAssert<?> refusedJob(String fields) throws Exception {
    return refused(posted("/v1/fine_tuning/jobs", "{" + fields + "}"), 400);
  }

  private static org.assertj.core.api.AbstractStringAssert<?> refused(
      java.net.http.HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return assertThat(answer.body());
  }

  private java.net.http.HttpResponse<String> posted(String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(test().server.uri().resolve(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private java.net.http.HttpResponse<String> uploaded(String name, String text, String purpose)
      throws Exception {
    String body =
        """
        --edge\r
        Content-Disposition: form-data; name="purpose"\r
        \r
        %s\r
        --edge\r
        Content-Disposition: form-data; name="file"; filename="%s"\r
        \r
        %s\r
        --edge--\r
        """
            .formatted(purpose, name, text);
    return http.send(
        HttpRequest.newBuilder(test().server.uri().resolve("/v1/files"))
            .header("Content-Type", "multipart/form-data; boundary=edge")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
