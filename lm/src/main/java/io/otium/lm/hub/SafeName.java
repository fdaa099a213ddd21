package io.otium.lm.hub;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * File names that come from a server, an archive or a manifest: relative, downwards only, and
 * spelled so that no file system reads them differently.
 */
final class SafeName {
  private SafeName() {}

  static boolean isSafe(String name) {
    return !name.isEmpty()
        && name.length() <= 255
        && !name.startsWith("/")
        && name.indexOf('\\') < 0
        && name.indexOf(':') < 0
        && name.chars().noneMatch(Character::isISOControl)
        && Arrays.stream(name.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  /**
   * The file of that name inside a folder.
   *
   * @param whose what the name came from, for the message
   */
  static Path in(Path folder, String name, String whose) {
    Path file = isSafe(name) ? folder.resolve(name).normalize() : folder;
    if (file.equals(folder) || !file.startsWith(folder.normalize())) {
      throw new PullException(
          "%s names a file '%s' that would lie outside the model's folder; nothing of it is kept"
              .formatted(whose, printable(name)));
    }
    return file;
  }

  /** A name from outside, made fit for a message: no control characters, not endless. */
  static String printable(String name) {
    String clean = name.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 120 ? clean : clean.substring(0, 120) + "…";
  }
}
