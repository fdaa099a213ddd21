package io.otium.lm.hub;

import java.nio.file.Path;

/**
 * A model on disk, whole and checked.
 *
 * @param folder its folder in the store
 */
public record InstalledModel(ModelManifest manifest, Path folder) {
  public String id() {
    return manifest.id();
  }

  /** What to load: the GGUF file, or the folder of a safetensors model. */
  public Path path() {
    if (!manifest.format().equals("gguf")) {
      return folder;
    }
    return manifest.files().stream()
        .map(ModelManifest.StoredFile::name)
        .filter(ModelRef.Grammar::isGguf)
        .findFirst()
        .map(folder::resolve)
        .orElse(folder);
  }
}
