package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.otium.app.server.embedding.EmbeddingModel;
import io.otium.app.server.request.EmbeddingRequest;
import io.otium.app.server.request.EmbeddingRequestDecoder;
import io.otium.app.server.request.PromptInput;
import io.otium.lm.LanguageModel;
import io.otium.lm.engine.QueueFullException;
import io.otium.lm.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;

/** {@code /v1/embeddings}: vectors of a sentence encoder, or of a language model's states. */
final class EmbeddingRoutes {
  private final ModelPool models;
  private final Traffic traffic;
  private final int maxBodyBytes;

  EmbeddingRoutes(ModelPool models, Traffic traffic, int maxBodyBytes) {
    this.models = models;
    this.traffic = traffic;
    this.maxBodyBytes = maxBodyBytes;
  }

  /** One input, ready to be computed. */
  private record Job(int tokens, Supplier<float[]> vector) {}

  void register(RoutesConfig routes) {
    routes.post("/v1/embeddings", this::embed);
  }

  private void embed(Context ctx) throws IOException {
    EmbeddingRequest request = EmbeddingRequestDecoder.decode(Json.body(ctx, maxBodyBytes));
    try (var caller = Caller.enter(ctx, traffic)) {
      EmbeddingModel encoder = request.model() == null ? null : models.findEncoder(request.model());
      String model;
      List<Job> jobs;
      if (encoder != null) {
        model = encoder.id();
        checkDimensions(request, encoder.dimensions());
        jobs = jobs(request, encoder);
      } else {
        LanguageModel language = models.await(request.model(), caller);
        model = language.info().id();
        checkDimensions(request, language.info().width());
        jobs = jobs(request, language);
      }
      ObjectNode answer = JsonNodeFactory.instance.objectNode().put("object", "list");
      ArrayNode data = answer.putArray("data");
      int tokens = 0;
      for (Job job : jobs) {
        caller.check();
        ObjectNode item = data.addObject().put("object", "embedding").put("index", data.size() - 1);
        putVector(item, vector(job), request.base64());
        tokens += job.tokens();
      }
      answer.put("model", model);
      answer.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
      Json.answer(ctx, answer);
      if (caller.client().spokeEarly()) ctx.header("Connection", "close");
    }
  }

  private static float[] vector(Job job) {
    try {
      return job.vector().get();
    } catch (QueueFullException full) {
      throw ApiException.tooManyRequests(String.valueOf(full.getMessage()));
    } catch (IllegalArgumentException refused) {
      throw ApiException.invalid("input", String.valueOf(refused.getMessage()));
    }
  }

  /** No model here was trained so that the start of its vector stands for the whole. */
  private static void checkDimensions(EmbeddingRequest request, int own) {
    Integer asked = request.dimensions();
    if (asked != null && asked != own) {
      throw ApiException.unsupported(
          "dimensions",
          "dimensions must be %d, the length of this model's vectors: they cannot be cut short"
              .formatted(own));
    }
  }

  private static List<Job> jobs(EmbeddingRequest request, EmbeddingModel encoder) {
    var jobs = new ArrayList<Job>();
    for (PromptInput input : request.inputs()) {
      switch (input) {
        case PromptInput.Text(String text) -> {
          long[] tokens = encoder.tokens(text);
          if (tokens.length > encoder.context()) {
            throw ApiException.contextTooLong("input", encoder.context(), tokens.length);
          }
          jobs.add(new Job(tokens.length, () -> encoder.embed(tokens)));
        }
        case PromptInput.Tokens tokens ->
            throw ApiException.unsupported(
                "input",
                "input must be text for "
                    + encoder.id()
                    + ": token ids of another model's vocabulary would mean nothing to it");
      }
    }
    return jobs;
  }

  private static List<Job> jobs(EmbeddingRequest request, LanguageModel model) {
    Tokenizer tokenizer = model.tokenizer();
    int context = model.info().context();
    var jobs = new ArrayList<Job>();
    for (PromptInput input : request.inputs()) {
      int[] tokens =
          switch (input) {
            case PromptInput.Text(String text) -> tokenizer.encode(text, true, false);
            case PromptInput.Tokens(int[] ids) -> ids;
          };
      Prepared.checkIds(tokens, tokenizer.vocabularySize(), "input");
      if (tokens.length > context) {
        throw ApiException.contextTooLong("input", context, tokens.length);
      }
      jobs.add(new Job(tokens.length, () -> model.embed(tokens)));
    }
    return jobs;
  }

  private static void putVector(ObjectNode item, float[] vector, boolean base64) {
    if (base64) {
      ByteBuffer bytes = ByteBuffer.allocate(vector.length * 4).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(vector);
      item.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
    } else {
      ArrayNode numbers = item.putArray("embedding");
      for (float value : vector) numbers.add(value);
    }
  }
}
