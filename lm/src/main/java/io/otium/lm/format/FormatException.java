package io.otium.lm.format;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A model file that cannot be read or written: one sentence with file, fault and what is allowed.
 */
public final class FormatException extends IOException {
  public FormatException(Path file, String fault) {
    this(file + ": " + fault);
  }

  public FormatException(String sentence) {
    super(sentence);
  }

  FormatException(Path file, String fault, Throwable cause) {
    super(file + ": " + fault, cause);
  }
}
