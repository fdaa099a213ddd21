package io.otium.lm.text;

import io.otium.lm.text.jinja.Template;
import io.otium.lm.text.jinja.TemplateException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A model's own way of writing a conversation as a prompt: its Jinja template, rendered as the
 * reference implementation does. Safe for use by many threads.
 */
public final class ChatTemplate {
  private final String source;
  private final Template template;
  private final Map<String, Object> specialTokens;

  private ChatTemplate(String source, Template template, Map<String, Object> specialTokens) {
    this.source = source;
    this.template = template;
    this.specialTokens = specialTokens;
  }

  /**
   * @param specialTokens what the template finds as {@code bos_token}, {@code eos_token} and so on
   * @throws TemplateException if the source is not a template, with its line
   */
  public static ChatTemplate of(String jinja, Map<String, Object> specialTokens) {
    return new ChatTemplate(jinja, Template.parse(jinja), new HashMap<>(specialTokens));
  }

  /**
   * The conversation as a prompt.
   *
   * @param addGenerationPrompt whether to end with what begins an answer
   * @param extra further values for the template, such as {@code enable_thinking}
   * @throws TemplateException if the template refuses the conversation, with its reason
   */
  public String render(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extra) {
    return render(messages, addGenerationPrompt, extra, LocalDateTime.now());
  }

  String render(
      List<ChatMessage> messages,
      boolean addGenerationPrompt,
      Map<String, Object> extra,
      LocalDateTime now) {
    var list = new ArrayList<Map<String, Object>>();
    for (ChatMessage m : messages) {
      var message = new LinkedHashMap<String, Object>();
      message.put("role", m.role());
      message.put("content", m.content());
      list.add(message);
    }
    var values = new HashMap<String, @Nullable Object>(specialTokens);
    values.put("messages", list);
    values.put("tools", null);
    values.put("documents", null);
    values.put("add_generation_prompt", addGenerationPrompt);
    values.putAll(extra);
    return template.render(values, now);
  }

  public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return render(messages, addGenerationPrompt, Map.of());
  }

  /**
   * The conversation as prompt tokens. What a message spells never becomes a special token: only
   * the template's own text does.
   *
   * @throws TemplateException if the template refuses the conversation, with its reason
   */
  public int[] tokens(
      Tokenizer tokenizer,
      List<ChatMessage> messages,
      boolean addGenerationPrompt,
      Map<String, Object> extra) {
    return new ChatPrompt(tokenizer).tokens(this, messages, addGenerationPrompt, extra);
  }

  /**
   * The conversation as tokens to learn from: the assistant's words, and what ends its turns, are
   * marked. What a message spells never becomes a special token.
   *
   * @param learns whether an assistant's message is learnt, by its position in the conversation
   * @param now what the template takes for the time, where it writes the date
   * @throws TemplateException if the template refuses the conversation, with its reason
   * @throws IllegalArgumentException if the template changes what the assistant said
   */
  public LabelledTokens labelled(
      Tokenizer tokenizer,
      List<ChatMessage> messages,
      IntPredicate learns,
      Map<String, Object> extra,
      LocalDateTime now) {
    return new ChatPrompt(tokenizer).labelled(this, messages, learns, extra, now);
  }

  /** The template as it was written. */
  public String jinja() {
    return source;
  }

  /** The template as it was written, and the special tokens that it finds: what it depends on. */
  public String source() {
    return source + "\n" + new TreeMap<>(specialTokens);
  }
}
