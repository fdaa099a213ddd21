package io.otium.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Parquet, through DuckDB; nested columns become JSON's lists and objects. */
final class ParquetTable implements DataFile.Reader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String file;
  private final String table;
  private final List<String> columns = new ArrayList<>();
  private final long rows;

  ParquetTable(Path path, String file) {
    this.file = file;
    this.table = "read_parquet(" + DuckDb.file(path, file) + ")";
    try (DuckDb db = new DuckDb();
        Statement statement = db.statement()) {
      try (ResultSet names = statement.executeQuery("DESCRIBE SELECT * FROM " + table)) {
        while (names.next()) {
          columns.add(names.getString(1));
        }
      }
      try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table)) {
        count.next();
        rows = count.getLong(1);
      }
    } catch (SQLException e) {
      throw DuckDb.failed(file, e);
    }
  }

  @Override
  public List<String> columns() {
    return List.copyOf(columns);
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void read(List<String> wanted, Consumer<Row> sink, DataFile.Missing missing) {
    String select =
        wanted.stream()
            .map(column -> "CAST(to_json(" + DuckDb.name(column) + ") AS VARCHAR)")
            .collect(Collectors.joining(", ", "SELECT ", " FROM " + table));
    try (DuckDb db = new DuckDb();
        Statement statement = db.statement();
        ResultSet result = statement.executeQuery(select)) {
      for (long number = 1; result.next(); number++) {
        List<JsonNode> values = new ArrayList<>(wanted.size());
        for (int i = 0; i < wanted.size(); i++) {
          String json = result.getString(i + 1);
          JsonNode value = json == null ? null : JSON.readTree(json);
          if (value == null || value.isNull()) {
            missing.missing(number, wanted.get(i));
            break;
          }
          values.add(value);
        }
        if (values.size() == wanted.size()) {
          sink.accept(new Row(file + " row " + number, wanted, values));
        }
      }
    } catch (SQLException e) {
      throw DuckDb.failed(file, e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("DuckDB wrote JSON that is none", e);
    }
  }
}
