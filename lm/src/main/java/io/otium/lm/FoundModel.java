package io.otium.lm;

import java.io.IOException;

/**
 * A model on this machine whose files are sound: what it is costs a moment to learn, {@link #load}
 * takes seconds. Close what is not loaded.
 */
public interface FoundModel extends AutoCloseable {
  /** What it will be once it is loaded. */
  ModelInfo info();

  /**
   * Reads its weights, once; then there is nothing left to close here.
   *
   * @throws IOException if they cannot be read or are broken, with what is wrong
   */
  LanguageModel load() throws IOException;

  @Override
  void close();
}
