package io.otium.app.server;

import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.GenerationResult.Finish;
import io.otium.lm.engine.QueueFullException;
import io.otium.lm.engine.TokenInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The answers of one request, under way. What the engine says goes into a queue of the request's
 * own, so that a slow reader never holds up the engine's thread; the queue is bounded by the tokens
 * that the request may have. Closing it cancels what is not finished.
 */
final class Answers implements AutoCloseable {
  /**
   * Answers of one request that the engine works on at once: a long list leaves room for others.
   */
  static final int AT_ONCE = 8;

  /** What the engine said of the answer with that index. */
  sealed interface Event {
    int index();
  }

  record Prompt(int index, List<TokenInfo> tokens) implements Event {}

  record Text(int index, String text, List<TokenInfo> tokens) implements Event {}

  record Done(int index, GenerationResult result) implements Event {}

  private record Failed(int index, Throwable error) implements Event {}

  private final Prepared prepared;
  private final Caller caller;
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final List<Generation> started = new ArrayList<>();
  private int finished;

  /**
   * Starts the first answers.
   *
   * @throws ApiException 429 if the engine's queue is full, 400 if it refuses the request
   */
  Answers(Prepared prepared, Caller caller) {
    this.prepared = prepared;
    this.caller = caller;
    try {
      startMore();
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  private void startMore() {
    while (started.size() < prepared.size() && started.size() - finished < AT_ONCE) {
      int index = started.size();
      try {
        started.add(prepared.model().submit(prepared.request(index, listener(index))));
      } catch (QueueFullException full) {
        if (started.isEmpty()) {
          throw ApiException.tooManyRequests(String.valueOf(full.getMessage()));
        }
        // The rest of a list waits its turn; next() tries again.
        return;
      } catch (IllegalArgumentException refused) {
        throw ApiException.invalid(null, String.valueOf(refused.getMessage()));
      }
    }
  }

  private GenerationListener listener(int index) {
    return new GenerationListener() {
      @Override
      public void onPrompt(List<TokenInfo> tokens) {
        events.add(new Prompt(index, tokens));
      }

      @Override
      public void onText(String text, List<TokenInfo> tokens) {
        events.add(new Text(index, text, tokens));
      }

      @Override
      public void onDone(GenerationResult result) {
        events.add(new Done(index, result));
      }

      @Override
      public void onError(Throwable error) {
        events.add(new Failed(index, error));
      }
    };
  }

  boolean isFinished() {
    return finished == prepared.size();
  }

  /** Answers that the engine is working on or has in its queue. */
  int running() {
    return (int) started.stream().filter(generation -> !generation.isDone()).count();
  }

  /** Whether the next event is not here yet: the moment to flush what was written. */
  boolean isSilent() {
    return events.isEmpty();
  }

  /**
   * Waits for the next event; not to be called when all is finished.
   *
   * @throws ClientGoneException if the client hung up
   * @throws ApiException 503 if the answer was cut off
   * @throws GenerationFailedException if the engine failed
   */
  Event next() {
    while (true) {
      caller.check();
      startMore();
      Event event;
      try {
        event = events.poll(Caller.LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw ApiException.stopping();
      }
      switch (event) {
        case null -> {}
        case Failed(int index, Throwable error) -> throw new GenerationFailedException(error);
        case Done(int index, GenerationResult result) when result.finish() == Finish.CANCELLED ->
            throw new ApiException(
                503,
                "server_error",
                null,
                "cut_off",
                "the answer was cut off: its model is no longer served");
        case Done done -> {
          finished++;
          return done;
        }
        default -> {
          return event;
        }
      }
    }
  }

  @Override
  public void close() {
    for (Generation generation : started) {
      if (!generation.isDone()) generation.cancel();
    }
  }
}
