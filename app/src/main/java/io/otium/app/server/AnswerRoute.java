package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.otium.lm.engine.TokenInfo;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the answers of a prepared request and delivers them, whole or as a stream. */
final class AnswerRoute {
  private static final Logger log = LoggerFactory.getLogger(AnswerRoute.class);

  private final ServerMetrics metrics;
  private final boolean logPrompts;

  AnswerRoute(ServerMetrics metrics, boolean logPrompts) {
    this.metrics = metrics;
    this.logPrompts = logPrompts;
  }

  void answer(Context ctx, Caller caller, Prepared prepared, AnswerFormat format) {
    if (logPrompts) {
      for (int[] prompt : prepared.prompts()) {
        log.info("prompt: {}", prepared.model().tokenizer().decode(prompt, false));
      }
    }
    Client client = caller.client();
    var envelope = new Envelope(prepared, format, RequestIds.of(ctx));
    try (var answers = new Answers(prepared, caller)) {
      try {
        if (prepared.delivery().stream()) {
          stream(ctx, prepared, format, envelope, answers);
        } else {
          Json.answer(ctx, whole(prepared, format, envelope, answers));
          if (client.spokeEarly()) ctx.header("Connection", "close");
        }
      } catch (ClientGoneException gone) {
        metrics.hungUp(prepared.model().info().id(), answers.running());
        throw gone;
      }
    } catch (GenerationFailedException failed) {
      Refusals.answer(ctx, Refusals.internal(ctx, failed));
    }
    if (prepared.delivery().stream() && client.spokeEarly()) client.hangUp();
  }

  private ObjectNode whole(
      Prepared prepared, AnswerFormat format, Envelope envelope, Answers answers) {
    var parts = new ArrayList<Part>();
    for (int i = 0; i < prepared.size(); i++) parts.add(new Part());
    while (!answers.isFinished()) {
      Answers.Event event = answers.next();
      parts.get(event.index()).hear(event);
      if (event instanceof Answers.Done done) finished(prepared, envelope, done);
    }
    ObjectNode answer = envelope.around(false);
    ArrayNode choices = (ArrayNode) answer.get("choices");
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      choices.add(format.whole(i, part.text.toString(), part.prompt, part.tokens, part.finish));
    }
    envelope.putUsage(answer);
    envelope.putFigures(answer);
    return answer;
  }

  /** One answer as it grows. */
  private static final class Part {
    private final StringBuilder text = new StringBuilder();
    private final List<TokenInfo> tokens = new ArrayList<>();
    private List<TokenInfo> prompt = List.of();
    private String finish = "stop";

    private void hear(Answers.Event event) {
      switch (event) {
        case Answers.Prompt said -> prompt = said.tokens();
        case Answers.Text said -> {
          text.append(said.text());
          tokens.addAll(said.tokens());
        }
        case Answers.Done done -> finish = Envelope.finish(done.result());
        default -> throw new IllegalStateException("unexpected " + event);
      }
    }
  }

  private void stream(
      Context ctx, Prepared prepared, AnswerFormat format, Envelope envelope, Answers answers) {
    Answers.Event first = answers.next();
    var stream = new EventStream(ctx);
    try {
      new Streaming(prepared, format, envelope, stream).run(first, answers);
      stream.done();
    } catch (ApiException cutOff) {
      stream.send(cutOff.toJson());
    } catch (GenerationFailedException failed) {
      // The status is long sent; an event is the only way to tell.
      stream.send(Refusals.internal(ctx, failed).toJson());
    }
    stream.close();
  }

  /** Turns events of the engine into pieces of a stream. */
  private final class Streaming {
    private final Prepared prepared;
    private final AnswerFormat format;
    private final Envelope envelope;
    private final EventStream stream;
    private final boolean[] opened;

    Streaming(Prepared prepared, AnswerFormat format, Envelope envelope, EventStream stream) {
      this.prepared = prepared;
      this.format = format;
      this.envelope = envelope;
      this.stream = stream;
      this.opened = new boolean[prepared.size()];
    }

    void run(Answers.Event first, Answers answers) {
      Answers.Event event = first;
      while (true) {
        hear(event, answers);
        if (answers.isFinished()) break;
        // One flush for all that is here already: cheaper, and a slow reader catches up.
        if (answers.isSilent()) stream.flush();
        event = answers.next();
      }
      if (prepared.delivery().includeUsage()) {
        ObjectNode usage = envelope.around(true);
        envelope.putUsage(usage);
        envelope.putFigures(usage);
        stream.send(usage);
      }
    }

    private void hear(Answers.Event event, Answers answers) {
      int index = event.index();
      switch (event) {
        case Answers.Prompt said -> open(index, said.tokens());
        case Answers.Text said -> {
          open(index, List.of());
          stream.send(envelope.piece(format.piece(index, said.text(), said.tokens())));
        }
        case Answers.Done done -> {
          open(index, List.of());
          finished(prepared, envelope, done);
          ObjectNode last = envelope.piece(format.closing(index, Envelope.finish(done.result())));
          if (answers.isFinished() && !prepared.delivery().includeUsage()) {
            envelope.putFigures(last);
          }
          stream.send(last);
        }
        default -> throw new IllegalStateException("unexpected " + event);
      }
    }

    private void open(int index, List<TokenInfo> prompt) {
      if (opened[index]) return;
      opened[index] = true;
      ObjectNode opening = format.opening(index, prompt);
      if (opening != null) stream.send(envelope.piece(opening));
    }
  }

  private void finished(Prepared prepared, Envelope envelope, Answers.Done done) {
    envelope.finished(done.index(), done.result());
    metrics.generation(prepared.model().info().id(), done.result());
    if (logPrompts) log.info("answer: {}", done.result().text());
  }
}
