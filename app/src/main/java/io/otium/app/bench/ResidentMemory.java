package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Memory of a process, as Linux counts it. */
final class ResidentMemory {
  private ResidentMemory() {}

  /**
   * Three counts, in MiB: what is in memory; of that, its share where files are mapped by several
   * processes; and what belongs to no file.
   *
   * @throws BenchException where the system has no such counts
   */
  static Map<String, Double> of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    if (!Files.isReadable(process.resolve("smaps_rollup"))) {
      throw new BenchException("memory is read from /proc, which this system does not have");
    }
    return read(
        Files.readString(process.resolve("status")),
        Files.readString(process.resolve("smaps_rollup")));
  }

  /**
   * The most that this process has ever had in memory, in MiB.
   *
   * @throws BenchException where the system does not count it
   */
  static double peak() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      throw new BenchException("memory is read from /proc, which this system does not have");
    }
    return mebibytes(Files.readString(status), "VmHWM:");
  }

  static Map<String, Double> read(String status, String rollup) {
    Map<String, Double> counts = new LinkedHashMap<>();
    counts.put("memory resident", mebibytes(status, "VmRSS:"));
    counts.put("memory proportional", mebibytes(rollup, "Pss:"));
    counts.put("memory anonymous", mebibytes(rollup, "Anonymous:"));
    return counts;
  }

  private static double mebibytes(String text, String field) {
    return text.lines()
            .filter(line -> line.startsWith(field))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .findFirst()
            .orElseThrow(() -> new BenchException("the kernel says nothing of " + field))
        / 1024.0;
  }
}
