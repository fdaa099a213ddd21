package io.otium.lm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Models that come with Otium, in its own jar: there without any network. */
final class BundledSource {
  /** The small model of {@code docs/models/otium-small-world.md}. */
  static final ModelRef.Bundled OWN = new ModelRef.Bundled("otium-small-world");

  private static final String LICENCE = "apache-2.0";

  private final Disk disk;

  BundledSource(Disk disk) {
    this.disk = disk;
  }

  /** Copies a model into the store's staging folder. */
  Fetched fetch(ModelRef.Bundled ref, Path staging, ProgressListener listener) throws IOException {
    String file = ref.name() + ".gguf";
    try (InputStream in = BundledSource.class.getResourceAsStream("/io/otium/lm/models/" + file)) {
      if (in == null) {
        throw new PullException("No model '%s' comes with Otium; %s does".formatted(ref, OWN));
      }
      byte[] bytes = in.readAllBytes();
      listener.onStart(ref.toString(), List.of(new ProgressListener.FileSize(file, bytes.length)));
      disk.require(staging, bytes.length);
      Path folder = staging.resolve("files");
      if (Files.exists(folder)) ModelStore.deleteTree(folder);
      Files.createDirectories(folder);
      disk.copy(
          new java.io.ByteArrayInputStream(bytes),
          folder.resolve(file),
          done -> listener.onProgress(file, done, bytes.length));
      return new Fetched(folder, ref.name(), ref.name(), "", LICENCE);
    }
  }
}
