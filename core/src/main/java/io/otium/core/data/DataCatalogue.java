package io.otium.core.data;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Finds data sets by name: in the folder named by {@code OTIUM_DATA}, then in {@code
 * $OTIUM_HOME/data}, each with a folder for a data set. A file is given out only if it is the very
 * file that was catalogued, by its SHA-256: an experiment never runs on something else in silence.
 */
public final class DataCatalogue {
  private static final List<DataSet> SETS = load();

  private final List<Path> folders;

  /**
   * @param folders where to look, in order
   */
  public DataCatalogue(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /** The catalogue with this machine's folders. */
  public static DataCatalogue here() {
    Map<String, String> environment = System.getenv();
    List<Path> folders = new ArrayList<>();
    String data = environment.getOrDefault("OTIUM_DATA", "");
    if (!data.isBlank()) {
      folders.add(Path.of(data));
    }
    String home = environment.getOrDefault("OTIUM_HOME", "");
    Path root = home.isBlank() ? Path.of(System.getProperty("user.home"), ".otium") : Path.of(home);
    folders.add(root.resolve("data"));
    return new DataCatalogue(folders);
  }

  /** All data sets, by name. */
  public static List<DataSet> sets() {
    return SETS;
  }

  /**
   * A file of a data set, checked.
   *
   * @throws DataMissingException if it is in none of the folders, or is another file of that name
   * @throws IllegalArgumentException if no such data set or file is catalogued
   */
  public Path file(String set, String file) {
    DataSet wanted =
        SETS.stream()
            .filter(candidate -> candidate.name().equals(set))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no data set is called " + set));
    String hash = wanted.files().get(file);
    if (hash == null) {
      throw new IllegalArgumentException(set + " has no file " + file);
    }
    for (Path folder : folders) {
      Path path = folder.resolve(set).resolve(file);
      if (Files.isRegularFile(path)) {
        if (!sha256(path).equals(hash)) {
          throw new DataMissingException(
              path
                  + " is not the file that the experiments use (its SHA-256 differs); get it from "
                  + wanted.source());
        }
        return path;
      }
    }
    throw new DataMissingException(
        "the data set %s is not on this machine: put its file %s into %s, from %s (%s)"
            .formatted(
                set,
                file,
                folders.isEmpty() ? "a folder" : folders.getFirst().resolve(set),
                wanted.source(),
                wanted.licence()));
  }

  static String sha256(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<DataSet> load() {
    try (InputStream in = DataCatalogue.class.getResourceAsStream("catalogue.yaml")) {
      return List.copyOf(
          new ObjectMapper(new YAMLFactory()).readValue(in, new TypeReference<List<DataSet>>() {}));
    } catch (IOException e) {
      throw new UncheckedIOException("the data catalogue is broken: " + e.getMessage(), e);
    }
  }
}
