package io.otium.core.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a run stands. */
public enum RunState {
  /** Waits until those before it are through. */
  QUEUED,
  RUNNING,
  DONE,
  FAILED,
  CANCELLED,
  /** Its process ended without a word: a crash, {@code kill -9}, a power cut. */
  INTERRUPTED;

  /** As {@code run.json} and {@code runs --json} spell it. */
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it stopped before it was done, and may go on. */
  public boolean isBroken() {
    return this == FAILED || this == CANCELLED || this == INTERRUPTED;
  }

  static RunState of(String word) {
    for (RunState state : values()) {
      if (state.word().equals(word)) {
        return state;
      }
    }
    return FAILED;
  }
}
