package io.otium.lm.hub;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The installed models: {@code models/ID/} with the files and {@code model.json}. A folder appears
 * whole or not at all; what is being fetched lies in {@code models/.partial} until it is checked.
 */
public final class ModelStore {
  private final Path root;

  public ModelStore(OtiumHome home) {
    this.root = home.models();
  }

  /** The folder of all models. */
  public Path root() {
    return root;
  }

  /** Models by id; damaged folders are left out, see {@link #damaged}. */
  public List<InstalledModel> list() {
    List<InstalledModel> models = new ArrayList<>();
    readAll(models, new ArrayList<>());
    return models;
  }

  /** A sentence for each folder in the store that holds no whole model. */
  public List<String> damaged() {
    List<String> sentences = new ArrayList<>();
    readAll(new ArrayList<>(), sentences);
    return sentences;
  }

  private void readAll(List<InstalledModel> models, List<String> damaged) {
    for (Path folder : folders()) {
      try {
        models.add(read(folder));
      } catch (PullException e) {
        damaged.add(String.valueOf(e.getMessage()));
      }
    }
  }

  /** A model by id, whatever its case, or by the reference it was fetched by. */
  public Optional<InstalledModel> find(String name) {
    return list().stream()
        .filter(
            model -> model.id().equalsIgnoreCase(name) || model.manifest().source().equals(name))
        .findFirst();
  }

  /** As {@link #find}. */
  Optional<InstalledModel> find(ModelRef source) {
    return find(source.toString());
  }

  /**
   * Like {@link #find}, for a name that must be there.
   *
   * @throws PullException if no such model is installed, with those that are
   */
  public InstalledModel require(String name) {
    return find(name).orElseThrow(() -> notInstalled(name));
  }

  private PullException notInstalled(String name) {
    List<String> ids = list().stream().map(InstalledModel::id).toList();
    return new PullException(
        "No model '%s' is installed; %s"
            .formatted(
                SafeName.printable(name),
                ids.isEmpty() ? "none is" : "there are " + String.join(", ", ids)));
  }

  /**
   * Deletes a model, also a damaged one.
   *
   * @return the bytes that became free
   * @throws PullException if there is none of that name
   */
  public long remove(String name) {
    Path folder =
        folders().stream()
            .filter(path -> path.getFileName().toString().equalsIgnoreCase(name))
            .findFirst()
            .or(() -> find(name).map(InstalledModel::folder))
            .orElseThrow(() -> notInstalled(name));
    try {
      // Moved aside first, so that nobody sees a half-deleted model.
      Path doomed = root.resolve(".removed-" + UUID.randomUUID());
      Files.move(folder, doomed, StandardCopyOption.ATOMIC_MOVE);
      return deleteTree(doomed);
    } catch (IOException e) {
      throw new PullException("%s cannot be removed: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * Puts a finished folder in its place, instead of an older one of that id if there is one.
   *
   * @param staged a folder on the same file system with all files and {@code model.json}
   */
  InstalledModel install(Path staged, String id) throws IOException {
    Path folder = root.resolve(id);
    Path old = root.resolve(".removed-" + UUID.randomUUID());
    boolean replaces = Files.exists(folder);
    if (replaces) {
      Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(staged, folder, StandardCopyOption.ATOMIC_MOVE);
    if (replaces) {
      deleteTree(old);
    }
    return read(folder);
  }

  /**
   * The id for a model: the preferred one, or the fuller one if another source's model has that.
   */
  String idFor(String preferred, String fuller, ModelRef source) {
    String id = clean(preferred);
    for (int n = 2; isTaken(id, source); n++) {
      id = clean(fuller) + (n == 2 ? "" : "-" + n);
    }
    return id;
  }

  private boolean isTaken(String id, ModelRef source) {
    return list().stream()
        .anyMatch(
            model -> model.id().equals(id) && !model.manifest().source().equals(source.toString()));
  }

  private static String clean(String id) {
    String safe = id.toLowerCase(Locale.ROOT).replace("/", "--").replaceAll("[^a-z0-9._-]+", "-");
    String bare = safe.replaceAll("^[._-]+", "");
    return bare.isEmpty() ? "model" : bare.substring(0, Math.min(bare.length(), 128));
  }

  private InstalledModel read(Path folder) {
    ModelManifest manifest = ModelManifest.read(folder);
    for (ModelManifest.StoredFile file : manifest.files()) {
      Path path = folder.resolve(file.name());
      @Nullable Long size = sizeOf(path);
      if (size == null || size != file.size()) {
        throw new PullException(
            "The model '%s' is damaged: %s %s; remove it and pull it again"
                .formatted(
                    manifest.id(),
                    path,
                    size == null
                        ? "is missing"
                        : "has %d bytes instead of %d".formatted(size, file.size())));
      }
    }
    return new InstalledModel(manifest, folder);
  }

  private static @Nullable Long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return null;
    }
  }

  private List<Path> folders() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .filter(Files::isDirectory)
          .sorted(Comparator.comparing(path -> path.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new PullException("%s cannot be read: %s".formatted(root, e.getMessage()), e);
    }
  }

  /** Deletes a folder and what is in it, following no links. */
  static long deleteTree(Path folder) throws IOException {
    long[] bytes = new long[1];
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            bytes[0] += attributes.isRegularFile() ? attributes.size() : 0;
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }
}
