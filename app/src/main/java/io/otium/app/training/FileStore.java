package io.otium.app.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.core.data.DataException;
import io.otium.core.data.DataFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Uploaded data files, {@code $OTIUM_HOME/files}: a folder each with the file under its own name
 * and {@code file.json}. A folder becomes visible when it is whole.
 */
public final class FileStore {
  /** What data for training is uploaded for. */
  public static final String FINE_TUNE = "fine-tune";

  private static final String DESCRIPTION = "file.json";
  private static final String INCOMING = "incoming";
  private static final String PREFIX = "file-";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path root;

  public FileStore(Path root) {
    this.root = root;
  }

  /** Puts what is being uploaded on the disk that will keep it. */
  public interface Upload {
    void writeTo(Path file) throws IOException;
  }

  /** A folder on the store's disk for what is on its way; it is made if need be. */
  public Path incoming() throws IOException {
    return Files.createDirectories(root.resolve(INCOMING));
  }

  /**
   * Keeps a file of examples.
   *
   * @param name as its owner calls it; its ending says what kind it is
   * @throws DataException if it cannot be trained on, with the lines that are broken; nothing of it
   *     is kept then
   */
  public StoredFile add(String name, String purpose, Upload upload) throws IOException {
    String own = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String safe = own.replaceAll("[\\p{Cntrl}:]", "_");
    if (safe.isBlank() || safe.startsWith(".") || safe.equals(DESCRIPTION) || safe.length() > 200) {
      throw new DataException(
          "the file's name must be of 1 to 200 characters and not begin with a dot");
    }
    String id = PREFIX + word(12);
    Path folder = Files.createDirectory(incoming().resolve(id));
    try {
      Path file = folder.resolve(safe);
      upload.writeTo(file);
      DataFile checked = DataFile.open(file);
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      var description = MAPPER.createObjectNode();
      description.put("name", safe).put("purpose", purpose).put("created", now.toString());
      description.put("rows", checked.size());
      Files.writeString(folder.resolve(DESCRIPTION), description.toPrettyString() + "\n");
      Files.move(folder, root.resolve(id), StandardCopyOption.ATOMIC_MOVE);
      return find(id).orElseThrow();
    } finally {
      delete(folder);
    }
  }

  /** All files, newest first. */
  public List<StoredFile> list() {
    List<StoredFile> files = new ArrayList<>();
    if (!Files.isDirectory(root)) return files;
    try (Stream<Path> folders = Files.list(root)) {
      folders.forEach(folder -> find(folder.getFileName().toString()).ifPresent(files::add));
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be listed: " + e.getMessage(), e);
    }
    files.sort(Comparator.comparing(StoredFile::created).thenComparing(StoredFile::id).reversed());
    return files;
  }

  /** A file by its id. */
  public Optional<StoredFile> find(String id) {
    // An id from a request must not lead out of the folder.
    if (!id.matches(PREFIX + "[a-z0-9]+")) return Optional.empty();
    Path folder = root.resolve(id);
    try {
      JsonNode json = MAPPER.readTree(Files.readString(folder.resolve(DESCRIPTION)));
      Path path = folder.resolve(json.path("name").asText());
      return Optional.of(
          new StoredFile(
              id,
              json.path("name").asText(),
              json.path("purpose").asText(),
              Files.size(path),
              Instant.parse(json.path("created").asText()),
              path));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** Deletes a file; false if there is none. */
  public boolean delete(String id) {
    Optional<StoredFile> file = find(id);
    file.ifPresent(found -> delete(found.path().resolveSibling("")));
    return file.isPresent();
  }

  private static void delete(Path folder) {
    Trees.delete(folder);
  }

  /** A random word of letters and digits. */
  private static String word(int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append(Character.forDigit(ThreadLocalRandom.current().nextInt(36), 36));
    }
    return word.toString();
  }
}
