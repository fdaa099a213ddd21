package io.otium.app.console.chat;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The server's SQLite file: one connection, one statement at a time, write-ahead log. Opening it
 * brings the schema up to date.
 */
public final class Database implements AutoCloseable {
  /** Work on the connection. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** The schema's history, oldest first. A landed entry never changes: append to it. */
  private static final List<String> MIGRATIONS =
      List.of(
          """
          CREATE TABLE conversation (
            id       TEXT PRIMARY KEY,
            title    TEXT NOT NULL,
            model    TEXT NOT NULL,
            system   TEXT NOT NULL,
            settings TEXT NOT NULL,
            leaf     INTEGER,
            created  INTEGER NOT NULL,
            updated  INTEGER NOT NULL
          );
          CREATE INDEX conversation_updated ON conversation (updated);
          CREATE TABLE message (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
            parent       INTEGER REFERENCES message (id) ON DELETE CASCADE,
            role         TEXT NOT NULL,
            content      TEXT NOT NULL,
            state        TEXT NOT NULL,
            figures      TEXT NOT NULL,
            created      INTEGER NOT NULL
          );
          CREATE INDEX message_conversation ON message (conversation);
          CREATE INDEX message_parent ON message (parent);
          """);

  private static final String NAME = "otium.db";

  /** What the file was called before it held more than the console's conversations. */
  private static final String OLD_NAME = "console.db";

  private final Connection connection;

  /**
   * Opens the database of a home, which is made if it is not there. A file of the old name takes
   * the new one, so that no conversation is lost.
   *
   * @throws IllegalStateException if it cannot be opened or was written by a newer Otium
   */
  public static Database in(Path home) {
    Path file = home.resolve(NAME);
    try {
      if (Files.notExists(file) && Files.exists(home.resolve(OLD_NAME))) {
        // The log first: without the file it belongs to it is tried again at the next start.
        for (String part : List.of("-wal", "-shm", "")) {
          if (Files.exists(home.resolve(OLD_NAME + part))) {
            Files.move(home.resolve(OLD_NAME + part), home.resolve(NAME + part), ATOMIC_MOVE);
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "%s cannot be renamed to %s: %s".formatted(home.resolve(OLD_NAME), NAME, e), e);
    }
    return open(file);
  }

  /**
   * Opens the file, which is made if it is not there.
   *
   * @throws IllegalStateException if it cannot be opened or was written by a newer Otium
   */
  public static Database open(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      return new Database(DriverManager.getConnection("jdbc:sqlite:" + file), file);
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(
          "%s cannot be opened as Otium's database: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Database(Connection connection, Path file) throws SQLException {
    this.connection = connection;
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = NORMAL");
      statement.execute("PRAGMA foreign_keys = ON");
      int version;
      try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
        version = row.getInt(1);
      }
      if (version > MIGRATIONS.size()) {
        connection.close();
        throw new IllegalStateException(
            "%s was written by a newer Otium (schema %d, this one knows %d)"
                .formatted(file, version, MIGRATIONS.size()));
      }
      for (int next = version; next < MIGRATIONS.size(); next++) {
        statement.executeUpdate("BEGIN IMMEDIATE");
        for (String sql : MIGRATIONS.get(next).split(";")) {
          if (!sql.isBlank()) {
            statement.executeUpdate(sql);
          }
        }
        statement.executeUpdate("PRAGMA user_version = " + (next + 1));
        statement.executeUpdate("COMMIT");
      }
    }
  }

  /** Runs one piece of work as one transaction. */
  synchronized <T> T transaction(Work<T> work) {
    try {
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("The console's database failed: " + e.getMessage(), e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
