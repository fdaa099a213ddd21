package io.otium.core.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a run's numbers were made on.
 *
 * @param cpu the processor's own name
 * @param cores processors that this JVM may use
 * @param memoryBytes memory that this JVM may use for its heap
 */
public record Machine(String cpu, int cores, long memoryBytes, String os, String java) {

  /** This machine. */
  public static Machine here() {
    Runtime runtime = Runtime.getRuntime();
    return new Machine(
        cpuName(),
        runtime.availableProcessors(),
        runtime.maxMemory(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.version().toString());
  }

  private static String cpuName() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  /** {@code {cpu, cores, memoryBytes, os, java}}. */
  public ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("cpu", cpu)
        .put("cores", cores)
        .put("memoryBytes", memoryBytes)
        .put("os", os)
        .put("java", java);
  }
}
