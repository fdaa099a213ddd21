package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.engine.GenerationResult.GenerationStats;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What stands around the choices of an answer: id, model, usage, the figures of Otium. */
final class Envelope {
  private final Prepared prepared;
  private final AnswerFormat format;
  private final String id;
  private final long created = Instant.now().getEpochSecond();
  private final @Nullable GenerationResult[] results;

  Envelope(Prepared prepared, AnswerFormat format, String requestId) {
    this.prepared = prepared;
    this.format = format;
    this.id = format.idPrefix() + requestId;
    this.results = new GenerationResult[prepared.size()];
  }

  void finished(int index, GenerationResult result) {
    results[index] = result;
  }

  static String finish(GenerationResult result) {
    return result.finish() == Finish.LENGTH ? "length" : "stop";
  }

  /** An answer without choices yet: {@code choices} is an empty list to be filled. */
  ObjectNode around(boolean piece) {
    ObjectNode answer =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", id)
            .put("object", format.objectName(piece))
            .put("created", created)
            .put("model", prepared.model().info().id())
            .put("system_fingerprint", "otium-" + prepared.model().info().weights());
    answer.putArray("choices");
    return answer;
  }

  /** A piece of a stream with one choice. */
  ObjectNode piece(ObjectNode choice) {
    ObjectNode piece = around(true);
    ((ArrayNode) piece.get("choices")).add(choice);
    if (prepared.delivery().includeUsage()) piece.putNull("usage");
    return piece;
  }

  /** Adds the tokens used, once all answers are finished: each prompt counts once. */
  void putUsage(ObjectNode answer) {
    int promptTokens = 0;
    int cached = 0;
    int generated = 0;
    for (int i = 0; i < results.length; i++) {
      GenerationResult result = results[i];
      if (result == null) continue;
      generated += result.tokens().length;
      if (i % prepared.delivery().n() == 0) {
        promptTokens += result.promptTokens();
        cached += result.cachedTokens();
      }
    }
    ObjectNode usage =
        answer
            .putObject("usage")
            .put("prompt_tokens", promptTokens)
            .put("completion_tokens", generated)
            .put("total_tokens", promptTokens + generated);
    usage.putObject("prompt_tokens_details").put("cached_tokens", cached);
  }

  /** Adds what the answers cost, if the request has the {@code "otium"} key. */
  void putFigures(ObjectNode answer) {
    GenerationResult first = results[0];
    if (prepared.delivery().otium() == null || first == null) return;
    ObjectNode otium = figures(first);
    answer.set("otium", otium);
    if (results.length == 1) return;
    ArrayNode choices = otium.putArray("choices");
    for (GenerationResult result : results) {
      if (result != null) choices.add(figures(result));
    }
  }

  private static ObjectNode figures(GenerationResult result) {
    GenerationStats stats = result.stats();
    ObjectNode figures = JsonNodeFactory.instance.objectNode();
    put(figures, "ttftMs", stats.ttftMs());
    put(figures, "queuedMs", stats.queuedMs());
    put(figures, "promptTokensPerSecond", stats.promptTokensPerSecond());
    put(figures, "tokensPerSecond", stats.tokensPerSecond());
    put(figures, "promptTokensComputed", stats.promptTokensComputed());
    return figures
        .put("cachedTokens", result.cachedTokens())
        .put("kvSlots", stats.kvSlots())
        .put("kvBytes", stats.kvBytes());
  }

  /** A figure that could not be measured, such as a speed over one token, is null. */
  private static void put(ObjectNode figures, String name, double value) {
    if (Double.isFinite(value)) {
      figures.put(name, Math.round(value * 1000) / 1000.0);
    } else {
      figures.putNull(name);
    }
  }
}
