package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import io.otium.app.server.embedding.SentenceEncoder;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** OpenAI's own Java client finds what it expects; its validation holds every field it knows. */
class OfficialClientTest {
  private final ServerUnderTest test = new ServerUnderTest(options -> options.withApiKey("sesame"));
  private final OpenAIClient client = client("sesame");

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(test.server.uri() + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  @AfterEach
  void stop() {
    client.close();
    test.close();
  }

  private static ChatCompletionCreateParams.Builder hello() {
    return ChatCompletionCreateParams.builder()
        .model("fake")
        .addSystemMessage("Be brief.")
        .addUserMessage("Hi");
  }

  @Test
  void chats() {
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(hello().temperature(0.5).logprobs(true).topLogprobs(2).n(2).build())
            .validate();
    assertThat(answer.choices()).hasSize(2);
    var choice = answer.choices().getFirst();
    assertThat(choice.message().content()).contains("Hello, world!");
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(choice.logprobs().orElseThrow().content().orElseThrow()).hasSize(13);
    var usage = answer.usage().orElseThrow();
    assertThat(usage.totalTokens()).isEqualTo(usage.promptTokens() + usage.completionTokens());
    assertThat(usage.promptTokensDetails().orElseThrow().cachedTokens()).contains(2L);
  }

  @Test
  void streamsAChatWithItsUsage() {
    var params =
        hello()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    List<ChatCompletionChunk> chunks;
    try (StreamResponse<ChatCompletionChunk> response =
        client.chat().completions().createStreaming(params)) {
      chunks = response.stream().map(ChatCompletionChunk::validate).toList();
    }
    String text =
        chunks.stream()
            .flatMap(chunk -> chunk.choices().stream())
            .map(choice -> choice.delta().content().orElse(""))
            .collect(Collectors.joining());
    assertThat(text).isEqualTo("Hello, world!");
    assertThat(chunks.getLast().usage().orElseThrow().completionTokens()).isEqualTo(14);
  }

  @Test
  void reachesTheMethodsThroughTheOtiumKey() {
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(hello().putAdditionalBodyProperty("otium", JsonValue.from(Map.of())).build())
            .validate();
    Map<?, ?> figures =
        answer._allProperties().getOrDefault("otium", JsonValue.from(Map.of())).convert(Map.class);
    assertThat(figures.get("kvSlots")).isEqualTo(5);
  }

  @Test
  void completes() {
    Completion answer =
        client
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model("fake")
                    .promptOfArrayOfStrings(List.of("a", "b"))
                    .logprobs(2L)
                    .maxTokens(3)
                    .build())
            .validate();
    assertThat(answer.choices()).hasSize(2);
    assertThat(answer.choices().getFirst().text()).isEqualTo("Hel");
    assertThat(answer.choices().getFirst().logprobs().orElseThrow().tokens().orElseThrow())
        .containsExactly("H", "e", "l");
  }

  @Test
  void streamsACompletion() {
    String text;
    try (StreamResponse<Completion> response =
        client
            .completions()
            .createStreaming(
                CompletionCreateParams.builder().model("fake").prompt("a").echo(true).build())) {
      text =
          response.stream()
              .flatMap(piece -> piece.choices().stream())
              .map(choice -> choice.text())
              .collect(Collectors.joining());
    }
    assertThat(text).isEqualTo("aHello, world!");
  }

  @Test
  void embeds() {
    test.models.addEncoder(SentenceEncoder.allMiniLm());
    CreateEmbeddingResponse answer =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("all-minilm-l6-v2")
                    .inputOfArrayOfStrings(List.of("A cat sleeps.", "A kitten naps."))
                    .build())
            .validate();
    assertThat(answer.data()).hasSize(2);
    assertThat(answer.data().getFirst().embedding()).hasSize(384);
  }

  @Test
  void listsAndFindsModels() {
    assertThat(client.models().list().data()).extracting(Model::id).containsExactly("fake");
    assertThat(client.models().retrieve("fake").validate().ownedBy()).isEqualTo("otium");
  }

  @Test
  void seesErrorsAsItsOwnExceptions() {
    OpenAIClient stranger = client("wrong");
    assertThat(failure(UnauthorizedException.class, () -> stranger.models().list()).code())
        .contains("invalid_api_key");
    stranger.close();
    var missing = hello().model("gpt-9").build();
    assertThat(
            failure(NotFoundException.class, () -> client.chat().completions().create(missing))
                .code())
        .contains("model_not_found");
    var wrong = hello().temperature(9.0).build();
    BadRequestException refused =
        failure(BadRequestException.class, () -> client.chat().completions().create(wrong));
    assertThat(refused.param()).contains("temperature");
    assertThat(refused.type()).contains("invalid_request_error");
    test.model.queue = 0;
    assertThat(
            failure(
                    RateLimitException.class,
                    () -> client.chat().completions().create(hello().build()))
                .code())
        .contains("queue_full");
    test.model.queue = 1;
    test.model.failAfter = 1;
    failure(
        InternalServerException.class, () -> client.chat().completions().create(hello().build()));
  }

  private static <T extends OpenAIServiceException> T failure(
      Class<T> type, ThrowingCallable call) {
    T thrown = catchThrowableOfType(type, call);
    assertThat(thrown).isNotNull();
    return thrown;
  }
}
