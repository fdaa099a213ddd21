package io.otium.lm.data;

import io.otium.lm.data.smallworld.Lesson;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.text.LabelledTokens;
import io.otium.lm.text.ModelText;

/** The small world's lessons as tokens: chats in the model's template, texts with an end. */
public final class LessonEncoding {
  private final ModelText model;
  private final ChatTemplate template;
  private final int end;

  /**
   * @throws IllegalArgumentException if the model has no chat template
   */
  public LessonEncoding(ModelText model) {
    ChatTemplate template = model.chatTemplate();
    if (template == null) {
      throw new IllegalArgumentException("the small world is taught in chats: no template");
    }
    this.model = model;
    this.template = template;
    this.end = DataColumns.end(model);
  }

  public LabelledTokens encode(Lesson lesson) {
    return lesson.isChat()
        ? ChatEncoding.encode(model.tokenizer(), template, lesson.messages())
        : TextEncoding.encode(model.tokenizer(), lesson.text(), end);
  }

  /** All that the tokens depend on beside the lesson. */
  public String description() {
    return "lesson\n" + template.source() + "\n" + TokenizerFingerprint.of(model.tokenizer());
  }
}
