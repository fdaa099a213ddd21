package io.otium.app.console.chat;

import io.otium.lm.LanguageModel;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers being written. An answer outlives a page that is reloaded; one that nobody has read
 * for {@value #UNREAD_SECONDS} seconds is stopped. What is written is saved every second.
 */
public final class Answers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  static final int UNREAD_SECONDS = 30;

  private final Conversations conversations;
  private final Function<String, LanguageModel> models;
  private final SettingsForm form;
  private final Map<Long, Answer> writing = new ConcurrentHashMap<>();
  private final ScheduledExecutorService keeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("console-answers").factory());

  /**
   * @param models a model by name, loaded if need be; throws with a sentence where it cannot be
   */
  public Answers(
      Conversations conversations, Function<String, LanguageModel> models, SettingsForm form) {
    this.conversations = conversations;
    this.models = models;
    this.form = form;
    keeper.scheduleWithFixedDelay(this::keep, 1, 1, TimeUnit.SECONDS);
  }

  /** Begins the answer to the last message of the conversation's branch that is given. */
  public Message begin(Conversation conversation, Message question) {
    stopIn(conversation.id());
    Message message =
        conversations.append(
            conversation.id(), question.id(), "assistant", "", Message.State.WRITING);
    Answer answer = new Answer(message.id(), conversation.id(), System::nanoTime);
    writing.put(message.id(), answer);
    List<ChatMessage> prompt = prompt(conversation, question);
    Thread.ofVirtual()
        .name("console-answer-" + message.id())
        .start(() -> write(answer, conversation, prompt));
    return message;
  }

  /** Ends an answer; what is written stays. */
  public void stop(long message) {
    Answer answer = writing.get(message);
    if (answer != null) {
      answer.stop();
    }
  }

  /** Ends what is being written in a conversation. */
  public void stopIn(String conversation) {
    for (Answer answer : writing.values()) {
      if (answer.conversation().equals(conversation)) {
        answer.stop();
      }
    }
  }

  Message reload(Message message) {
    return conversations.message(message.id()).orElse(message);
  }

  Optional<Answer> find(long message) {
    return Optional.ofNullable(writing.get(message));
  }

  /** The message as it stands, also while it is written. */
  public Message current(Message message) {
    Answer answer = writing.get(message.id());
    return answer == null ? message : current(message, answer.now());
  }

  /** The message as a snapshot of its answer has it. */
  static Message current(Message message, Answer.Snapshot now) {
    return new Message(
        message.id(),
        message.conversation(),
        message.parent(),
        message.role(),
        now.text(),
        now.state(),
        now.figures(),
        message.created());
  }

  private List<ChatMessage> prompt(Conversation conversation, Message question) {
    List<ChatMessage> prompt = new ArrayList<>();
    if (!conversation.system().isBlank()) {
      prompt.add(ChatMessage.system(conversation.system()));
    }
    for (Message message : conversations.history(question)) {
      boolean said = message.isUser() || !message.content().isBlank();
      if (said && message.state() != Message.State.FAILED) {
        prompt.add(new ChatMessage(message.role(), message.content()));
      }
    }
    return prompt;
  }

  private void write(Answer answer, Conversation conversation, List<ChatMessage> messages) {
    try {
      LanguageModel model = models.apply(conversation.model());
      int[] prompt = model.chatPrompt(messages);
      if (answer.stopRequested()) {
        answer.stoppedBeforeStart();
      } else {
        GenerationRequest request =
            form.request(conversation.settings(), prompt, model.info(), answer);
        Generation generation = model.submit(request);
        answer.submitted(model, prompt.length, generation);
        answer.onDone(generation.await());
      }
    } catch (RuntimeException e) {
      answer.onError(e);
      LOG.warn("answer {} failed", answer.message(), e);
    } finally {
      save(answer);
      writing.remove(answer.message());
    }
  }

  private void save(Answer answer) {
    Answer.Snapshot now = answer.now();
    conversations.write(answer.message(), now.text(), now.state(), now.figures());
  }

  private void keep() {
    for (Answer answer : writing.values()) {
      try {
        if (answer.secondsUnread() > UNREAD_SECONDS) {
          answer.stop();
        }
        if (!answer.now().ended()) { // the last word belongs to the thread that writes it
          save(answer);
        }
      } catch (RuntimeException e) {
        LOG.warn("an answer could not be saved: {}", e.getMessage());
      }
    }
  }

  /** Ends every answer and saves it. */
  @Override
  public void close() {
    keeper.shutdownNow();
    writing.values().forEach(Answer::stop);
    for (Answer answer : writing.values()) {
      save(answer);
    }
  }
}
