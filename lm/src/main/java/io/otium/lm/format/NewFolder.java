package io.otium.lm.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A folder that appears whole or not at all: it is made beside its place and moved there when it is
 * finished; closed before that, it is gone.
 */
public final class NewFolder implements AutoCloseable {
  private final Path target;
  private final Path made;

  /**
   * @param target its place, where something may be already
   */
  public NewFolder(Path target) throws IOException {
    this.target = target.toAbsolutePath().normalize();
    this.made = this.target.resolveSibling(sibling("part"));
    Files.createDirectories(made);
  }

  private String sibling(String ending) {
    return "." + target.getFileName() + "." + UUID.randomUUID() + "." + ending;
  }

  /** Where its files are written until it is finished. */
  public Path path() {
    return made;
  }

  /**
   * Writes a text, on the disk when this returns.
   *
   * @throws FormatException if the disk is full
   */
  public void text(String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(made.resolve(name), out -> out.write(bytes));
  }

  /** Copies a file as it is. */
  public void copy(Path file) throws IOException {
    AtomicFile.write(made.resolve(file.getFileName()), out -> Files.copy(file, out));
  }

  /** Moves it to its place; what is there is removed. */
  public void finish() throws IOException {
    Path old = target.resolveSibling(sibling("old"));
    boolean replaces = Files.exists(target);
    if (replaces) Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
    if (replaces) delete(old);
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(made)) delete(made);
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.walk(folder)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) Files.delete(path);
  }
}
