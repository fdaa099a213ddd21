package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.engine.TokenInfo;
import io.otium.lm.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tokens and their log-probabilities, in the two shapes that OpenAI has for them. */
final class TokenJson {
  /** What OpenAI says for a token that cannot come; JSON has no infinity. */
  private static final float IMPOSSIBLE = -9999f;

  private final Tokenizer tokenizer;

  TokenJson(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Chat: {@code {content: [{token, logprob, bytes, top_logprobs}], refusal: null}}. */
  ObjectNode chat(List<TokenInfo> tokens) {
    ObjectNode logprobs = JsonNodeFactory.instance.objectNode();
    ArrayNode content = logprobs.putArray("content");
    for (TokenInfo token : tokens) {
      ObjectNode entry = candidate(token.id(), token.logprob());
      ArrayNode top = entry.putArray("top_logprobs");
      token.top().forEach(other -> top.add(candidate(other.id(), other.logprob())));
      content.add(entry);
    }
    logprobs.putNull("refusal");
    return logprobs;
  }

  private ObjectNode candidate(int id, float logprob) {
    byte[] bytes = tokenizer.bytes(id);
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    entry.put("token", new String(bytes, StandardCharsets.UTF_8));
    entry.put("logprob", finite(logprob));
    ArrayNode list = entry.putArray("bytes");
    for (byte b : bytes) list.add(b & 0xFF);
    return entry;
  }

  /** Completions: {@code {tokens, token_logprobs, top_logprobs, text_offset}}. */
  final class Columns {
    private final boolean hidesBos;
    private int offset;

    /**
     * @param hidesBos whether a begin-of-sequence token at the start was added by the tokenizer,
     *     and is no part of the text
     */
    Columns(boolean hidesBos) {
      this.hidesBos = hidesBos;
    }

    /**
     * The next tokens of an answer.
     *
     * @param withTop whether the likeliest tokens were asked for too
     */
    ObjectNode next(List<TokenInfo> tokens, boolean withTop) {
      ObjectNode columns = JsonNodeFactory.instance.objectNode();
      ArrayNode names = columns.putArray("tokens");
      ArrayNode logprobs = columns.putArray("token_logprobs");
      ArrayNode tops = columns.putArray("top_logprobs");
      ArrayNode offsets = columns.putArray("text_offset");
      for (TokenInfo token : tokens) {
        names.add(name(token.id()));
        offsets.add(offset);
        boolean hidden = hidesBos && offset == 0 && token.id() == tokenizer.bos();
        offset += hidden ? 0 : characters(tokenizer.bytes(token.id()));
        if (Float.isNaN(token.logprob())) {
          // The first token of a prompt has nothing before it to be likely after.
          logprobs.addNull();
          tops.addNull();
          continue;
        }
        logprobs.add(finite(token.logprob()));
        if (!withTop) {
          tops.addNull();
          continue;
        }
        ObjectNode top = tops.addObject();
        token.top().forEach(other -> top.put(name(other.id()), finite(other.logprob())));
        top.put(name(token.id()), finite(token.logprob()));
      }
      return columns;
    }
  }

  /** A token's text; for part of a character its bytes, so that two tokens never share a name. */
  private String name(int id) {
    byte[] bytes = tokenizer.bytes(id);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException partial) {
      var name = new StringBuilder("bytes:");
      for (byte b : bytes) name.append("\\x").append("%02x".formatted(b & 0xFF));
      return name.toString();
    }
  }

  /** Characters that begin in these bytes of UTF-8. */
  private static int characters(byte[] bytes) {
    int begun = 0;
    for (byte b : bytes) if ((b & 0xC0) != 0x80) begun++;
    return begun;
  }

  private static float finite(float logprob) {
    return Float.isFinite(logprob) ? logprob : IMPOSSIBLE;
  }
}
