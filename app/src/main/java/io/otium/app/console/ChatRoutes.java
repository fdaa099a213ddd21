package io.otium.app.console;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.otium.app.console.chat.AnswerStream;
import io.otium.app.console.chat.Answers;
import io.otium.app.console.chat.ChatView;
import io.otium.app.console.chat.Conversation;
import io.otium.app.console.chat.Conversations;
import io.otium.app.console.chat.Message;
import io.otium.app.console.chat.SettingsForm;
import io.otium.app.console.chat.Turn;
import io.otium.app.console.chat.TurnView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The chat's pages, the fragments that change them, and the stream of an answer. */
final class ChatRoutes {
  private final Conversations conversations;
  private final Answers answers;
  private final SettingsForm form;
  private final Views views;
  private final ConsoleModels models;

  ChatRoutes(
      Conversations conversations,
      Answers answers,
      SettingsForm form,
      Views views,
      ConsoleModels models) {
    this.conversations = conversations;
    this.answers = answers;
    this.form = form;
    this.views = views;
    this.models = models;
  }

  /** Adds the routes. */
  void register(GuardedRoutes routes) {
    routes.get("/", ctx -> page(ctx, null));
    routes.get("/chat/{id}", ctx -> page(ctx, conversation(ctx)));
    routes.post("/chat", this::start);
    routes.post("/chat/{id}", this::send);
    routes.post("/chat/{id}/settings", this::configure);
    routes.post("/chat/{id}/title", this::rename);
    routes.delete("/chat/{id}", this::delete);
    routes.get("/chats", this::list);
    routes.get("/messages/{id}", ctx -> showTurn(ctx, message(ctx)));
    routes.get("/messages/{id}/edit", this::editor);
    routes.post("/messages/{id}/edit", this::edit);
    routes.post("/messages/{id}/regenerate", this::regenerate);
    routes.post("/messages/{id}/choose", this::choose);
    routes.post("/messages/{id}/stop", this::stop);
    routes.get("/messages/{id}/stream", this::stream);
  }

  private void page(Context ctx, @Nullable Conversation conversation) {
    ChatView view = view(conversation, query(ctx, "model"));
    Shell shell = views.shell(view.title(), Shell.Section.CHAT, view.id());
    views.show(ctx, "chat", Map.of("shell", shell, "view", view));
  }

  private void start(Context ctx) {
    String text = text(ctx);
    Conversation begun =
        conversations.create(text, param(ctx, "model"), param(ctx, "system"), settings(ctx));
    Message question = conversations.append(begun.id(), null, "user", text, Message.State.DONE);
    answers.begin(begun, question);
    ctx.header("HX-Push-Url", "/chat/" + begun.id());
    show(ctx, "started", reload(begun));
  }

  private void send(Context ctx) {
    Conversation conversation = conversation(ctx);
    String text = text(ctx);
    answers.stopIn(conversation.id());
    Message question =
        conversations.append(
            conversation.id(), conversation.leaf(), "user", text, Message.State.DONE);
    Message answer = answers.begin(conversation, question);
    List<TurnView> added =
        view(reload(conversation)).turns().stream()
            .filter(
                turn -> turn.message().id() == question.id() || turn.message().id() == answer.id())
            .toList();
    views.show(ctx, "turns", Map.of("turns", added));
  }

  private void configure(Context ctx) {
    Conversation conversation = conversation(ctx);
    conversations.configure(
        conversation.id(), param(ctx, "model"), param(ctx, "system"), settings(ctx));
    ctx.status(204);
  }

  private void rename(Context ctx) {
    Conversation conversation = conversation(ctx);
    String title = param(ctx, "title").strip();
    if (title.isEmpty()) {
      throw new BadRequestResponse("A conversation needs a title");
    }
    conversations.rename(conversation.id(), title);
    showList(ctx, "", param(ctx, "current"));
  }

  private void delete(Context ctx) {
    Conversation conversation = conversation(ctx);
    answers.stopIn(conversation.id());
    conversations.delete(conversation.id());
    String current = query(ctx, "current");
    if (conversation.id().equals(current)) {
      ctx.header("HX-Redirect", "/");
    }
    showList(ctx, "", current);
  }

  private void list(Context ctx) {
    String template = query(ctx, "for").equals("switcher") ? "switcher" : "conversations";
    views.show(
        ctx,
        template,
        Map.of("groups", views.groups(query(ctx, "q")), "current", query(ctx, "current")));
  }

  private void showList(Context ctx, String words, String current) {
    views.show(ctx, "conversations", Map.of("groups", views.groups(words), "current", current));
  }

  private void editor(Context ctx) {
    Message message = message(ctx);
    if (!message.isUser()) {
      throw new BadRequestResponse("Only your own messages can be edited");
    }
    views.show(ctx, "editor", Map.of("message", message));
  }

  /** An edited message stands beside the old one; the conversation goes on from it. */
  private void edit(Context ctx) {
    Message old = message(ctx);
    if (!old.isUser()) {
      throw new BadRequestResponse("Only your own messages can be edited");
    }
    Conversation conversation = of(old);
    answers.stopIn(conversation.id());
    Message question =
        conversations.append(
            conversation.id(), old.parent(), "user", text(ctx), Message.State.DONE);
    answers.begin(conversation, question);
    show(ctx, "thread", reload(conversation));
  }

  private void regenerate(Context ctx) {
    Message old = message(ctx);
    Message question =
        old.isUser()
            ? old
            : conversations
                .message(old.parent() == null ? -1 : old.parent())
                .orElseThrow(() -> new BadRequestResponse("This answer has no question"));
    Conversation conversation = of(old);
    answers.begin(conversation, question);
    show(ctx, "thread", reload(conversation));
  }

  private void choose(Context ctx) {
    Message message = message(ctx);
    conversations.choose(message);
    show(ctx, "thread", reload(of(message)));
  }

  private void stop(Context ctx) {
    answers.stop(id(ctx));
    ctx.status(204);
  }

  private void showTurn(Context ctx, Message message) {
    views.show(ctx, "turn", Map.of("view", turnOf(answers.current(message))));
  }

  private void stream(Context ctx) throws IOException, InterruptedException {
    Message message = message(ctx);
    ctx.disableCompression();
    ctx.res().setContentType("text/event-stream; charset=utf-8");
    ctx.res().setHeader("Cache-Control", "no-store");
    AnswerStream stream =
        new AnswerStream(
            answers,
            figures -> views.render("figures", Map.of("figures", figures)),
            ended -> views.render("turn", Map.of("view", turnOf(ended))));
    stream.write(message, ctx.res().getOutputStream());
  }

  private TurnView turnOf(Message message) {
    List<Turn> branch = conversations.branch(of(message));
    Turn turn =
        branch.stream()
            .filter(candidate -> candidate.message().id() == message.id())
            .findFirst()
            .orElse(new Turn(message, 1, 1, null, null));
    return TurnView.of(turn, message);
  }

  private ChatView view(@Nullable Conversation conversation) {
    return view(conversation, "");
  }

  private ChatView view(@Nullable Conversation conversation, String wanted) {
    List<TurnView> turns = new ArrayList<>();
    if (conversation != null) {
      for (Turn turn : conversations.branch(conversation)) {
        turns.add(TurnView.of(turn, answers.current(turn.message())));
      }
    }
    String settings = conversation == null ? "{}" : conversation.settings();
    List<String> ids = models.installed().stream().map(InstalledModel::id).toList();
    return new ChatView(
        conversation,
        wanted,
        turns,
        ids,
        models.starting(),
        form.fields(settings),
        form.methods(settings));
  }

  private void show(Context ctx, String template, Conversation conversation) {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("view", view(conversation));
    if (template.equals("started")) {
      parameters.put("groups", views.groups(""));
    }
    views.show(ctx, template, parameters);
  }

  private String settings(Context ctx) {
    Map<String, String> parameters = new HashMap<>();
    ctx.formParamMap().forEach((key, values) -> parameters.put(key, values.getFirst()));
    return form.read(parameters);
  }

  private Conversation reload(Conversation conversation) {
    return conversations.find(conversation.id()).orElseThrow(ChatRoutes::gone);
  }

  private Conversation of(Message message) {
    return conversations.find(message.conversation()).orElseThrow(ChatRoutes::gone);
  }

  private Conversation conversation(Context ctx) {
    return conversations.find(ctx.pathParam("id")).orElseThrow(ChatRoutes::gone);
  }

  private Message message(Context ctx) {
    return conversations.message(id(ctx)).orElseThrow(ChatRoutes::gone);
  }

  private static NotFoundResponse gone() {
    return new NotFoundResponse("This conversation is no longer there");
  }

  private static long id(Context ctx) {
    try {
      return Long.parseLong(ctx.pathParam("id"));
    } catch (NumberFormatException e) {
      throw gone();
    }
  }

  private static String text(Context ctx) {
    String text = param(ctx, "text");
    if (text.isBlank()) {
      throw new BadRequestResponse("A message needs some text");
    }
    return text.strip().replace("\r\n", "\n");
  }

  private static String param(Context ctx, String name) {
    String value = ctx.formParam(name);
    return value == null ? "" : value;
  }

  private static String query(Context ctx, String name) {
    String value = ctx.queryParam(name);
    return value == null ? "" : value;
  }
}
