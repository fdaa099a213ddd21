package io.otium.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** What the processor says of itself. */
public final class Processor {
  private static final Set<String> FLAGS = Set.of(field("flags").split(" "));

  private Processor() {}

  /** Its name, or the architecture where the system does not tell. */
  public static String name() {
    String name = field("model name");
    return name.isEmpty() ? System.getProperty("os.arch") : name;
  }

  /** Its name and features. */
  public static String description() {
    return name() + " with " + String.join(" ", new TreeSet<>(FLAGS));
  }

  public static boolean has(String flag) {
    return FLAGS.contains(flag);
  }

  /** 8-bit products summed in 32 bits; without it pairs of them are summed in 16 and overflow. */
  public static boolean hasVnni() {
    return has("avx512_vnni") || has("avx_vnni");
  }

  private static String field(String name) {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(
              line ->
                  line.startsWith(name + "\t")
                      || line.startsWith(name + " ")
                      || line.startsWith(name + ":"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    } catch (IOException | java.io.UncheckedIOException unreadable) {
      return "";
    }
  }
}
