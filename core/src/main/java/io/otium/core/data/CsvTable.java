package io.otium.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * CSV with a first line of names, through DuckDB; every value is a text. What separates the values
 * is told by the first line, not guessed from the rows: DuckDB's guess takes a broken row for a
 * reason to read the whole file otherwise.
 */
final class CsvTable implements DataFile.Reader {
  private final String file;
  private final List<String> columns;
  private final String options;
  private final long rows;

  CsvTable(Path path, String file) {
    this.file = file;
    CsvHeader header;
    try (InputStream in = Lines.open(path)) {
      header = CsvHeader.read(in, file);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    }
    this.columns = header.columns();
    this.options =
        DuckDb.file(path, file)
            + ", auto_detect = false, header = true, quote = '\"', escape = '\"', delim = "
            + DuckDb.text(String.valueOf(header.delimiter()))
            + columns.stream()
                .map(column -> DuckDb.text(column) + ": 'VARCHAR'")
                .collect(Collectors.joining(", ", ", columns = {", "}"));
    this.rows = check(path);
  }

  /** Rows of the file, none of them broken. */
  private long check(Path path) {
    try (DuckDb db = new DuckDb();
        Statement statement = db.statement()) {
      long good;
      // Not count(*), for which DuckDB need not look into the values.
      String first = DuckDb.name(columns.getFirst());
      try (ResultSet count =
          statement.executeQuery(
              "SELECT count(*), count(%s) FROM read_csv(%s, store_rejects = true, rejects_limit = 0)"
                  .formatted(first, options))) {
        count.next();
        good = count.getLong(1);
      }
      List<Long> offsets = new ArrayList<>();
      List<String> reasons = new ArrayList<>();
      try (ResultSet rejects =
          statement.executeQuery(
              "SELECT line_byte_position, any_value(error_message) FROM reject_errors"
                  + " GROUP BY line_byte_position ORDER BY line_byte_position")) {
        while (rejects.next()) {
          offsets.add(rejects.getLong(1));
          reasons.add(rejects.getString(2));
        }
      }
      FaultyLines broken = new FaultyLines();
      List<Long> numbers = lineNumbers(path, offsets);
      for (int i = 0; i < offsets.size(); i++) {
        broken.add("line", numbers.get(i), reasons.get(i));
      }
      broken.refuse(file, "row", good + offsets.size(), "are broken");
      return good;
    } catch (SQLException e) {
      throw DuckDb.failed(file, e);
    }
  }

  /** Numbers of the lines in which these bytes stand; a quoted value may hold line breaks. */
  private List<Long> lineNumbers(Path path, List<Long> offsets) {
    List<Long> numbers = new ArrayList<>();
    if (offsets.isEmpty()) {
      return numbers;
    }
    try (InputStream in = Lines.open(path)) {
      long line = 1;
      long position = 0;
      for (long offset : offsets) {
        for (; position < offset; position++) {
          line += in.read() == '\n' ? 1 : 0;
        }
        numbers.add(line);
      }
      return numbers;
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void read(List<String> wanted, Consumer<Row> sink, DataFile.Missing missing) {
    String select =
        wanted.stream()
            .map(DuckDb::name)
            .collect(Collectors.joining(", ", "SELECT ", " FROM read_csv(" + options + ")"));
    try (DuckDb db = new DuckDb();
        Statement statement = db.statement();
        ResultSet result = statement.executeQuery(select)) {
      for (long number = 1; result.next(); number++) {
        List<JsonNode> values = new ArrayList<>(wanted.size());
        for (int i = 0; i < wanted.size(); i++) {
          // CSV knows no null: nothing between two commas is an empty text.
          String value = result.getString(i + 1);
          values.add(TextNode.valueOf(value == null ? "" : value));
        }
        sink.accept(new Row(file + " row " + number, wanted, values));
      }
    } catch (SQLException e) {
      throw DuckDb.failed(file, e);
    }
  }
}
