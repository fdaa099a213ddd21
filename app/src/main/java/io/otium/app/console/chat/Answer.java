package io.otium.app.console.chat;

import io.otium.lm.LanguageModel;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.QueueFullException;
import io.otium.lm.engine.TokenInfo;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer being written: fed by the engine's thread, read by any number of browser streams. All
 * state is guarded by this object's monitor; readers wait on it for the next change.
 */
final class Answer implements GenerationListener {
  /** What a reader sees: the text so far and how it stands. */
  record Snapshot(long version, String text, Message.State state, Figures figures) {
    boolean ended() {
      return state != Message.State.WRITING;
    }
  }

  private final long message;
  private final String conversation;
  private final LongSupplier nanoTime;
  private final long asked;

  private final StringBuilder text = new StringBuilder();
  private Message.State state = Message.State.WRITING;
  private long version;
  private int tokens;
  private int promptTokens;
  private long firstToken;
  private long lastToken;
  private @Nullable LanguageModel model;
  private @Nullable Generation generation;
  private @Nullable Figures last;
  private boolean stopRequested;
  private int readers;
  private long lastReader;

  Answer(long message, String conversation, LongSupplier nanoTime) {
    this.message = message;
    this.conversation = conversation;
    this.nanoTime = nanoTime;
    this.asked = nanoTime.getAsLong();
    this.lastReader = asked;
  }

  long message() {
    return message;
  }

  String conversation() {
    return conversation;
  }

  /** The prompt is in the engine's hands. */
  synchronized void submitted(LanguageModel model, int promptTokens, Generation generation) {
    this.model = model;
    this.promptTokens = promptTokens;
    this.generation = generation;
    if (stopRequested) {
      generation.cancel();
    }
  }

  @Override
  public synchronized void onText(String piece, List<TokenInfo> infos) {
    long now = nanoTime.getAsLong();
    if (tokens == 0) {
      firstToken = now;
    }
    lastToken = now;
    tokens += Math.max(1, infos.size());
    text.append(piece);
    changed();
  }

  @Override
  public synchronized void onDone(GenerationResult result) {
    if (state != Message.State.WRITING) {
      return;
    }
    text.setLength(0);
    text.append(result.text());
    last = Figures.of(result);
    state =
        result.finish() == GenerationResult.Finish.CANCELLED
            ? Message.State.STOPPED
            : Message.State.DONE;
    changed();
  }

  @Override
  public synchronized void onError(Throwable error) {
    if (state != Message.State.WRITING) {
      return;
    }
    last = figures();
    state = Message.State.FAILED;
    text.setLength(0);
    text.append(reason(error));
    changed();
  }

  /** Ends the answer; what is written stays. */
  void stop() {
    Generation running;
    synchronized (this) {
      stopRequested = true;
      running = generation;
    }
    if (running != null) {
      running.cancel();
    }
  }

  /** Whether it was stopped before it reached the engine. */
  synchronized boolean stopRequested() {
    return stopRequested;
  }

  synchronized void stoppedBeforeStart() {
    state = Message.State.STOPPED;
    changed();
  }

  synchronized Snapshot now() {
    return new Snapshot(version, text.toString(), state, figures());
  }

  /** Waits for a change after the version, at most the milliseconds given. */
  synchronized Snapshot after(long seen, long waitMs) throws InterruptedException {
    long end = System.nanoTime() + waitMs * 1_000_000;
    while (version == seen && state == Message.State.WRITING) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return now();
  }

  synchronized void readerCame() {
    readers++;
  }

  synchronized void readerLeft() {
    readers--;
    lastReader = nanoTime.getAsLong();
  }

  /** How long nobody has read it. */
  synchronized double secondsUnread() {
    return readers > 0 ? 0 : (nanoTime.getAsLong() - lastReader) / 1e9;
  }

  private Figures figures() {
    if (last != null) {
      return last;
    }
    if (tokens == 0) {
      return Figures.NONE;
    }
    double seconds = (lastToken - firstToken) / 1e9;
    long slots = promptTokens + tokens;
    long bytes = 0;
    if (model != null) {
      EngineStats stats = model.stats();
      if (stats.running() == 1 && stats.kvSlotsUsed() > 0) {
        slots = stats.kvSlotsUsed(); // the only sequence, so the engine's count is its own
      }
      if (stats.kvSlotsTotal() > 0) {
        bytes = stats.kvBytes() / stats.kvSlotsTotal() * slots;
      }
    }
    return new Figures(
        tokens,
        (firstToken - asked) / 1e6,
        seconds > 0 ? (tokens - 1) / seconds : 0,
        promptTokens,
        0,
        slots,
        bytes,
        "");
  }

  private void changed() {
    version++;
    notifyAll();
  }

  /** A refusal's own sentence; what broke inside is for the log. */
  private static String reason(Throwable error) {
    boolean refusal =
        error instanceof IllegalArgumentException || error instanceof QueueFullException;
    String message = error.getMessage();
    return refusal && message != null
        ? message
        : "The model failed on this; the server's log says more.";
  }
}
