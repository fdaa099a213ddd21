package io.otium.lm.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * pip's own settings, found as pip finds them: {@code PIP_*} variables, then {@code
 * PIP_CONFIG_FILE}, the user's and the machine's {@code pip.conf}; in a file {@code [download]}
 * goes before {@code [global]}.
 *
 * @param indexUrl the index, as PEP 503 has it; may hold credentials; null where none is set, for
 *     Otium names no index of its own
 * @param cert a bundle of certificates
 */
record PipSettings(@Nullable String indexUrl, @Nullable String cert) {
  /**
   * The index.
   *
   * @throws PullException if none is set, with what to do
   */
  String requireIndex() {
    if (indexUrl == null) {
      throw new PullException(
          "no package index is known here; install pip, or name one in PIP_INDEX_URL or pip.conf");
    }
    return indexUrl;
  }

  /**
   * Reads the settings.
   *
   * @param root the machine's root folder; another one in tests
   */
  static PipSettings from(Map<String, String> environment, Path root) {
    Map<String, String> found = new HashMap<>();
    for (Path file : files(environment, root)) {
      read(file).forEach(found::putIfAbsent);
    }
    String index = environment.getOrDefault("PIP_INDEX_URL", "");
    String cert = environment.getOrDefault("PIP_CERT", "");
    return new PipSettings(
        index.isBlank() ? found.get("index-url") : index.strip(),
        cert.isBlank() ? found.get("cert") : cert.strip());
  }

  /** Configuration files, the one that wins first. */
  private static List<Path> files(Map<String, String> environment, Path root) {
    List<Path> files = new ArrayList<>();
    String chosen = environment.getOrDefault("PIP_CONFIG_FILE", "");
    if (!chosen.isBlank()) {
      files.add(Path.of(chosen));
    }
    Path home = OtiumHome.userHome(environment);
    String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
    files.add((xdg.isBlank() ? home.resolve(".config") : Path.of(xdg)).resolve("pip/pip.conf"));
    files.add(home.resolve(".pip/pip.conf"));
    files.add(root.resolve("etc/pip.conf"));
    files.add(root.resolve("etc/xdg/pip/pip.conf"));
    return files;
  }

  private static Map<String, String> read(Path file) {
    Map<String, String> global = new HashMap<>();
    Map<String, String> download = new HashMap<>();
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      return global;
    }
    String section = "";
    try {
      for (String raw : Files.readAllLines(file)) {
        String line = raw.strip();
        if (line.startsWith("[") && line.endsWith("]")) {
          section = line.substring(1, line.length() - 1).strip().toLowerCase(Locale.ROOT);
        } else if (!line.startsWith("#") && !line.startsWith(";") && line.indexOf('=') > 0) {
          String key = line.substring(0, line.indexOf('=')).strip().replace('_', '-');
          String value = line.substring(line.indexOf('=') + 1).strip();
          if (section.equals("download")) {
            download.put(key, value);
          } else if (section.equals("global")) {
            global.put(key, value);
          }
        }
      }
    } catch (IOException e) {
      throw new PullException("pip's settings in %s cannot be read".formatted(file), e);
    }
    global.putAll(download);
    return global;
  }
}
