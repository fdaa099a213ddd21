package io.otium.core.data;

import io.otium.core.options.OptionName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A user's file of examples: JSON Lines ({@code .jsonl}, {@code .ndjson}, {@code .json}; the last
 * may also be one list of objects), Parquet ({@code .parquet}), CSV ({@code .csv}, {@code .tsv}) or
 * plain text, a text a line ({@code .txt}, its one column is {@code text}); all but Parquet also as
 * {@code .gz}.
 *
 * <p>{@link #open} reads the whole file once and refuses it if a line is broken, so that nothing
 * begins on a file that would stop it in the middle.
 */
public final class DataFile {
  /** How a format is read. */
  interface Reader {
    /** Names of the columns in the order of their first appearance; checks every line. */
    List<String> columns();

    long rows();

    /**
     * Gives out every row in the file's order.
     *
     * @param columns all of them there
     * @param missing hears of rows without a value in one of them, which are not given out
     */
    void read(List<String> columns, Consumer<Row> rows, Missing missing);
  }

  /** Hears of a row without a value. */
  interface Missing {
    void missing(long row, String column);
  }

  private final Path path;
  private final Reader reader;
  private final String unit;

  private DataFile(Path path, Reader reader, String unit) {
    this.path = path;
    this.reader = reader;
    this.unit = unit;
  }

  /**
   * Opens and checks a file.
   *
   * @throws DataException if it is not there, is empty, is of no known kind, or has broken lines,
   *     with their numbers
   */
  public static DataFile open(Path path) {
    String file = path.getFileName() == null ? path.toString() : path.getFileName().toString();
    if (Files.isDirectory(path)) {
      throw new DataException(path + " is a folder; name a file of examples");
    }
    if (!Files.isReadable(path)) {
      throw new DataException(
          path + (Files.exists(path) ? " may not be read" : " is not there; name a data file"));
    }
    if (size(path) == 0) {
      throw new DataException(file + " is empty");
    }
    String name = file.toLowerCase(Locale.ROOT);
    boolean zipped = name.endsWith(".gz");
    String kind = zipped ? name.substring(0, name.length() - 3) : name;
    DataFile opened;
    if (kind.endsWith(".json") && JsonList.begins(path, file)) {
      opened = new DataFile(path, new JsonList(path, file), "line");
    } else if (kind.endsWith(".jsonl") || kind.endsWith(".ndjson") || kind.endsWith(".json")) {
      opened = new DataFile(path, new JsonLines(path, file), "line");
    } else if (kind.endsWith(".txt")) {
      opened = new DataFile(path, new TextLines(path, file), "line");
    } else if (kind.endsWith(".csv") || kind.endsWith(".tsv")) {
      opened = new DataFile(path, new CsvTable(path, file), "row");
    } else if (name.endsWith(".parquet")) {
      opened = new DataFile(path, new ParquetTable(path, file), "row");
    } else {
      throw new DataException(
          file
              + " is of no known kind; a data file is .jsonl, .json, .csv, .tsv or .txt (also"
              + " with .gz) or .parquet");
    }
    if (opened.size() == 0) {
      throw new DataException(file + " has no rows");
    }
    return opened;
  }

  public Path path() {
    return path;
  }

  /** A SHA-256 of the file's bytes, in hexadecimal. */
  public String sha256() {
    return DataCatalogue.sha256(path);
  }

  /** Names of the columns, in the order of their first appearance. */
  public List<String> columns() {
    return reader.columns();
  }

  /** Rows of the file. */
  public long size() {
    return reader.rows();
  }

  /**
   * Gives out the rows in order, with these columns' values. May be called again.
   *
   * @throws DataException if a column is not there, naming those that are, or if rows have no value
   *     in it; before the first row is given out
   */
  public void forEach(List<String> columns, Consumer<Row> rows) {
    for (String column : columns) {
      if (!reader.columns().contains(column)) {
        throw new DataException(
            "%s has no column \"%s\"%s (its columns: %s)"
                .formatted(
                    path.getFileName(),
                    column,
                    OptionName.nearest(column, reader.columns())
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse(""),
                    String.join(", ", reader.columns())));
      }
    }
    FaultyLines empty = new FaultyLines();
    LinkedHashSet<String> in = new LinkedHashSet<>();
    reader.read(
        columns,
        row -> {},
        (number, column) -> {
          in.add('"' + column + '"');
          empty.add(unit, number, "");
        });
    empty.refuse(
        String.valueOf(path.getFileName()),
        unit,
        reader.rows(),
        "have no " + String.join(" or ", in));
    reader.read(columns, rows, (number, column) -> {});
  }

  /** All rows in memory, with these columns alone. */
  public Examples<Row> rows(List<String> columns) {
    List<Row> rows = new ArrayList<>();
    forEach(columns, rows::add);
    return Examples.of(rows);
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read: " + e.getMessage(), e);
    }
  }
}
