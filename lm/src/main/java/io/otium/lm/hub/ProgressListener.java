package io.otium.lm.hub;

import java.util.List;

/**
 * Hears how a pull proceeds, for a terminal's bar or the console's page. Calls come from several
 * threads but one at a time, and {@link #onProgress} at most about ten times a second for a file.
 */
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener NONE = new ProgressListener() {};

  /**
   * A file of the pull.
   *
   * @param bytes its size, -1 where the server did not say
   */
  record FileSize(String name, long bytes) {}

  /**
   * The files that are about to be fetched; called once for each source that is tried.
   *
   * @param source as the user would name it, e.g. {@code hf:ORG/NAME}
   */
  default void onStart(String source, List<FileSize> files) {}

  /**
   * More of a file has arrived.
   *
   * @param done bytes of it on disk, those of an earlier try included
   * @param total its size in bytes, -1 if unknown
   */
  default void onProgress(String file, long done, long total) {}

  /** Something worth a line: a source that did not answer, a server that asks to wait. */
  default void onNote(String sentence) {}

  /** Asked often; true ends the pull. What has arrived is kept for the next try. */
  default boolean cancelled() {
    return false;
  }
}
