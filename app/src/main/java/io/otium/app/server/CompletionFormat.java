package io.otium.app.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.engine.TokenInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Choices of {@code /v1/completions}. */
final class CompletionFormat implements AnswerFormat {
  private final @Nullable TokenJson logprobs;
  private final boolean withTop;
  private final @Nullable IntFunction<String> echo;
  private final IntPredicate textPrompt;
  private final Map<Integer, TokenJson.Columns> columns = new HashMap<>();

  /**
   * @param logprobs null if log-probabilities were not asked for
   * @param withTop whether the likeliest tokens were asked for beside them
   * @param echo text of the prompt of the choice with that index; null if it is not repeated
   * @param textPrompt whether the prompt of the choice with that index came as text
   */
  CompletionFormat(
      @Nullable TokenJson logprobs,
      boolean withTop,
      @Nullable IntFunction<String> echo,
      IntPredicate textPrompt) {
    this.textPrompt = textPrompt;
    this.logprobs = logprobs;
    this.withTop = withTop;
    this.echo = echo;
  }

  @Override
  public String idPrefix() {
    return "cmpl-";
  }

  @Override
  public String objectName(boolean piece) {
    return "text_completion";
  }

  @Override
  public ObjectNode whole(
      int index, String text, List<TokenInfo> prompt, List<TokenInfo> tokens, String finish) {
    var all = new ArrayList<>(prompt);
    all.addAll(tokens);
    String whole = echo == null ? text : echo.apply(index) + text;
    return choice(index, whole, all).put("finish_reason", finish);
  }

  @Override
  public @Nullable ObjectNode opening(int index, List<TokenInfo> prompt) {
    if (echo == null) return null;
    return choice(index, echo.apply(index), prompt).putNull("finish_reason");
  }

  @Override
  public ObjectNode piece(int index, String text, List<TokenInfo> tokens) {
    return choice(index, text, tokens).putNull("finish_reason");
  }

  @Override
  public ObjectNode closing(int index, String finish) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("text", "")
        .put("index", index)
        .putNull("logprobs")
        .put("finish_reason", finish);
  }

  private ObjectNode choice(int index, String text, List<TokenInfo> tokens) {
    ObjectNode choice = JsonNodeFactory.instance.objectNode().put("text", text).put("index", index);
    TokenJson json = logprobs;
    if (json == null) return choice.putNull("logprobs");
    choice.set(
        "logprobs",
        columns
            .computeIfAbsent(index, any -> json.new Columns(textPrompt.test(index)))
            .next(tokens, withTop));
    return choice;
  }
}
