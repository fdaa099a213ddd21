package io.otium.app.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.otium.app.server.request.ChatRequest;
import io.otium.app.server.request.ChatRequestDecoder;
import io.otium.app.server.request.CompletionRequest;
import io.otium.app.server.request.CompletionRequestDecoder;
import io.otium.app.server.request.PromptInput;
import io.otium.lm.LanguageModel;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** {@code /v1/chat/completions} and {@code /v1/completions}. */
final class GenerationRoutes {
  private final ModelPool models;
  private final Traffic traffic;
  private final MethodParser methods;
  private final AnswerRoute answers;
  private final int maxBodyBytes;

  GenerationRoutes(
      ModelPool models,
      Traffic traffic,
      MethodParser methods,
      AnswerRoute answers,
      int maxBodyBytes) {
    this.models = models;
    this.traffic = traffic;
    this.methods = methods;
    this.answers = answers;
    this.maxBodyBytes = maxBodyBytes;
  }

  void register(RoutesConfig routes) {
    routes.post("/v1/chat/completions", this::chat);
    routes.post("/v1/completions", this::complete);
  }

  private void chat(Context ctx) throws IOException {
    ChatRequest request = ChatRequestDecoder.decode(Json.body(ctx, maxBodyBytes));
    try (var caller = Caller.enter(ctx, traffic)) {
      LanguageModel model = writer(request.model(), caller);
      if (!model.canChat()) {
        throw ApiException.invalid(
            "model",
            "the model '%s' has no chat template; use /v1/completions"
                .formatted(model.info().id()));
      }
      int[] prompt;
      try {
        prompt = model.chatPrompt(request.messages());
      } catch (IllegalArgumentException refused) {
        throw ApiException.invalid("messages", String.valueOf(refused.getMessage()));
      }
      var prepared =
          Prepared.check(
              model, List.of(prompt), request.options(), request.delivery(), methods, "messages");
      answers.answer(ctx, caller, prepared, new ChatFormat(logprobs(prepared)));
    }
  }

  private void complete(Context ctx) throws IOException {
    CompletionRequest request = CompletionRequestDecoder.decode(Json.body(ctx, maxBodyBytes));
    try (var caller = Caller.enter(ctx, traffic)) {
      LanguageModel model = writer(request.model(), caller);
      Tokenizer tokenizer = model.tokenizer();
      List<int[]> prompts =
          request.prompts().stream().map(prompt -> tokens(prompt, tokenizer)).toList();
      var prepared =
          Prepared.check(model, prompts, request.options(), request.delivery(), methods, "prompt");
      int n = request.delivery().n();
      IntFunction<String> echo =
          request.options().echo()
              ? index -> text(request.prompts().get(index / n), tokenizer)
              : null;
      var format =
          new CompletionFormat(
              logprobs(prepared),
              request.options().logprobs() > 0,
              echo,
              index -> request.prompts().get(index / n) instanceof PromptInput.Text);
      answers.answer(ctx, caller, prepared, format);
    }
  }

  /** The request's model, which must be one that writes text. */
  private LanguageModel writer(@Nullable String id, Caller caller) {
    LanguageModel model = models.await(id, caller);
    if (!model.canGenerate()) throw ApiException.embedsOnly(model.info().id());
    return model;
  }

  /** A raw prompt may spell special tokens: whoever completes text has all of it in hand. */
  private static int[] tokens(PromptInput prompt, Tokenizer tokenizer) {
    return switch (prompt) {
      case PromptInput.Text(String text) -> tokenizer.encode(text, true, true);
      case PromptInput.Tokens(int[] ids) -> ids;
    };
  }

  private static String text(PromptInput prompt, Tokenizer tokenizer) {
    return switch (prompt) {
      case PromptInput.Text(String text) -> text;
      case PromptInput.Tokens(int[] ids) -> tokenizer.decode(ids, false);
    };
  }

  private static @Nullable TokenJson logprobs(Prepared prepared) {
    return prepared.options().logprobs() < 0 ? null : new TokenJson(prepared.model().tokenizer());
  }
}
