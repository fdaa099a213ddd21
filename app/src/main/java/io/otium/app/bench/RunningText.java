package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;

/** Where running text is; asked only by workloads that read one. */
@FunctionalInterface
interface RunningText {
  /**
   * A file of UTF-8 text, the same for all who ask.
   *
   * @param characters most that it holds: programs read the whole of it
   * @throws io.otium.core.data.DataMissingException if there is none on this machine
   */
  Path file(int characters) throws IOException;
}
