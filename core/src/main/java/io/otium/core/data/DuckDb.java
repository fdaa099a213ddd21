package io.otium.core.data;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A DuckDB in memory, on one thread, that fetches nothing from the network. */
final class DuckDb implements AutoCloseable {
  private final Connection connection;

  DuckDb() throws SQLException {
    connection = DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET autoload_known_extensions = false");
      statement.execute("SET threads = 1");
    }
  }

  Statement statement() throws SQLException {
    return connection.createStatement();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  static String name(String column) {
    return '"' + column.replace("\"", "\"\"") + '"';
  }

  static String text(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  /**
   * A file's path as text in SQL.
   *
   * @throws DataException if DuckDB would take it for a pattern
   */
  static String file(Path path, String file) {
    String whole = path.toAbsolutePath().toString();
    if (whole.matches(".*[*?\\[].*")) {
      throw new DataException(
          file + " has *, ? or [ in its path, which DuckDB reads as a pattern; rename it");
    }
    return text(whole);
  }

  /** A file that DuckDB could not read. */
  static DataException failed(String file, SQLException e) {
    return new DataException(
        file + " cannot be read: " + FaultyLines.shorten(String.valueOf(e.getMessage())), e);
  }
}
