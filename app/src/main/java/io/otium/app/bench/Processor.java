package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What this processor says that it can do.
 *
 * @param flags as Linux spells them; empty on other systems
 */
record Processor(Set<String> flags) {
  Processor {
    flags = Set.copyOf(flags);
  }

  static Processor here() {
    try {
      return of(Files.readString(Path.of("/proc/cpuinfo")));
    } catch (IOException unknown) {
      return new Processor(Set.of());
    }
  }

  static Processor of(String cpuinfo) {
    return new Processor(
        cpuinfo
            .lines()
            .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
            .limit(1)
            .flatMap(line -> Arrays.stream(line.replaceFirst("^.*:", "").strip().split(" +")))
            .collect(Collectors.toSet()));
  }

  /** Whether products of bf16 are faster than those of fp32, as far as flags tell. */
  boolean multipliesBf16() {
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16") || flags.contains("bf16");
  }

  boolean hasAmx() {
    return flags.contains("amx_tile");
  }
}
