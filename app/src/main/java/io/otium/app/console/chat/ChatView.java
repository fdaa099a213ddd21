package io.otium.app.console.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chat page.
 *
 * @param conversation null for one that has not begun
 * @param wanted id of the model that a new conversation was asked for with; may be empty
 * @param models ids to choose from, the default first
 * @param starting whether the default model is still being loaded
 */
public record ChatView(
    @Nullable Conversation conversation,
    String wanted,
    List<TurnView> turns,
    List<String> models,
    boolean starting,
    List<SettingsForm.Field> settings,
    List<MethodForm> methods) {
  public String id() {
    return conversation == null ? "" : conversation.id();
  }

  public String title() {
    return conversation == null ? "New conversation" : conversation.title();
  }

  public String system() {
    return conversation == null ? "" : conversation.system();
  }

  /** Id of the model that answers. */
  public String model() {
    if (conversation != null && !conversation.model().isEmpty()) {
      return conversation.model();
    }
    if (!wanted.isEmpty()) return wanted;
    return models.isEmpty() ? "" : models.getFirst();
  }
}
