package io.otium.app.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.engine.TokenInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Choices of {@code /v1/chat/completions}. */
final class ChatFormat implements AnswerFormat {
  private final @Nullable TokenJson logprobs;

  /**
   * @param logprobs null if log-probabilities were not asked for
   */
  ChatFormat(@Nullable TokenJson logprobs) {
    this.logprobs = logprobs;
  }

  @Override
  public String idPrefix() {
    return "chatcmpl-";
  }

  @Override
  public String objectName(boolean piece) {
    return piece ? "chat.completion.chunk" : "chat.completion";
  }

  @Override
  public ObjectNode whole(
      int index, String text, List<TokenInfo> prompt, List<TokenInfo> tokens, String finish) {
    ObjectNode choice = JsonNodeFactory.instance.objectNode().put("index", index);
    choice.putObject("message").put("role", "assistant").put("content", text).putNull("refusal");
    putLogprobs(choice, tokens);
    return choice.put("finish_reason", finish);
  }

  @Override
  public ObjectNode opening(int index, List<TokenInfo> prompt) {
    ObjectNode choice = JsonNodeFactory.instance.objectNode().put("index", index);
    choice.putObject("delta").put("role", "assistant").put("content", "");
    return choice.putNull("logprobs").putNull("finish_reason");
  }

  @Override
  public ObjectNode piece(int index, String text, List<TokenInfo> tokens) {
    ObjectNode choice = JsonNodeFactory.instance.objectNode().put("index", index);
    choice.putObject("delta").put("content", text);
    putLogprobs(choice, tokens);
    return choice.putNull("finish_reason");
  }

  @Override
  public ObjectNode closing(int index, String finish) {
    ObjectNode choice = JsonNodeFactory.instance.objectNode().put("index", index);
    choice.putObject("delta");
    return choice.putNull("logprobs").put("finish_reason", finish);
  }

  private void putLogprobs(ObjectNode choice, List<TokenInfo> tokens) {
    if (logprobs == null) {
      choice.putNull("logprobs");
    } else {
      choice.set("logprobs", logprobs.chat(tokens));
    }
  }
}
