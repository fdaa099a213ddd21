package io.otium.app.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program of ours in another system's language, out of the jar. */
final class ProgramFile {
  private ProgramFile() {}

  /** The resource as a file, gone with this process. */
  static Path of(String resource) throws IOException {
    Path file = Files.createTempFile("otium-", "-" + resource);
    file.toFile().deleteOnExit();
    try (InputStream in = ProgramFile.class.getResourceAsStream(resource)) {
      if (in == null) throw new IllegalStateException("resource " + resource + " is missing");
      return Files.write(file, in.readAllBytes());
    }
  }
}
